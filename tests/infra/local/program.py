"""`make run` as a process in a separate process group."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from infra.local.ports import Ports, variable
from infra.project import ROOT
from tests.e2e.api import Api

TEST_MERCHANT = {"X-Api-Key": "key_test_abc123", "X-Api-Secret": "secret_test_xyz789"}


def command(state_dir: Path) -> list[str]:
    """`python -m infra run` with its data in ``state_dir``."""
    code = (
        "import pathlib, sys, infra.__main__, infra.local.run as program; "
        f"program.LOCAL_DIR = pathlib.Path({str(state_dir)!r}); sys.exit(infra.__main__.main(['run']))"
    )
    return [sys.executable, "-c", code]


class Program:
    """The running program, which can be stopped or killed."""

    def __init__(self, state_dir: Path, ports: Ports, environment: Mapping[str, str]) -> None:
        chosen = {variable(each.name): str(getattr(ports, each.name)) for each in fields(ports)}
        self.ports = ports
        self.merchant = Api(f"http://localhost:{ports.api}", credentials=TEST_MERCHANT)
        self.output: list[str] = []
        self._process = subprocess.Popen(
            command(state_dir),
            cwd=ROOT,
            env={**os.environ, **environment, **chosen},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line)
            if line.startswith("Ready after"):
                return
        raise AssertionError("".join(self.output))

    def stop(self) -> str:
        """Interrupt the program as Ctrl-C does; returns the rest of its output."""
        self._process.send_signal(signal.SIGINT)
        return self._process.communicate()[0]

    def kill(self) -> None:
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
