"""A terminal: one shell that keeps its folder, variables and functions between commands."""

import os
import re
import secrets
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.api import eventually

LOG_ID = "d8e4b60e-…"  # the placeholder of a webhook log's id in documents
PATIENCE_S = 60.0  # for an expected event, on a busy machine
COMMAND_TIMEOUT_S = 300.0  # a command that hangs must not block the tests


@dataclass(frozen=True)
class Running:
    """A command that runs until it is interrupted; ``output`` is the file with its output."""

    group: int
    output: Path

    def said(self) -> str:
        """The output so far."""
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        """Wait until the output contains ``text``."""
        assert eventually(lambda: text in self.said() or not self._is_alive(), within_s=PATIENCE_S)
        assert text in self.said(), f"it ended before it printed {text!r}:\n{self.said()}"

    def interrupt(self) -> str:
        """Press Ctrl-C and wait for the end; returns the complete output."""
        if self._is_alive():
            os.killpg(self.group, signal.SIGINT)
        try:
            eventually(lambda: not self._is_alive(), within_s=PATIENCE_S)
        except AssertionError:
            os.killpg(self.group, signal.SIGKILL)
            raise
        return self.said()

    def _is_alive(self) -> bool:
        try:
            os.killpg(self.group, 0)
        except ProcessLookupError:
            return False
        return True


class Terminal:
    """Bash in ``folder``, as a context manager. At the end, running commands are interrupted."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._started: list[Running] = []
        self._scratch = folder
        self._complaints = (folder / "complaints").open("w+")
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            start_new_session=True,
            preexec_fn=_accept_interrupts,  # noqa: PLW1509 - one system call, no lock
        )
        self.run("set -o pipefail -m")  # errors are reported, and background commands can be interrupted

    def run(self, command: str) -> str:
        """Run ``command`` and return its output. AssertionError if it fails."""
        end = f"end-{secrets.token_hex(8)}"
        shell_in, shell_out = self._shell.stdin, self._shell.stdout
        assert shell_in
        assert shell_out
        shell_in.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{end} %s\\n' $?\n")
        shell_in.flush()
        lines: list[str] = []
        watchdog = threading.Timer(COMMAND_TIMEOUT_S, self._kill)
        watchdog.start()
        try:
            while not (lines and lines[-1].startswith(end)):
                line = shell_out.readline()
                assert line, f"it hung or ended the shell: {command}\n{''.join(lines)}"
                lines.append(line)
        finally:
            watchdog.cancel()
        printed = "".join(lines[:-1]).removesuffix("\n")
        assert lines[-1].split()[1] == "0", f"it failed: {command}\n{printed}\n{self._complained()}"
        return printed

    def start(self, command: str) -> Running:
        """Start a command that does not end by itself."""
        output = self._scratch / f"output-{len(self._started)}"
        output.touch()
        self.run(f"{{ {command.strip()}\n}} >{output} 2>&1 &\nstarted=$!")
        running = Running(int(self.run("echo $started")), output)
        self._started.append(running)
        return running

    @property
    def folder(self) -> Path:
        """The current folder."""
        return Path(self.run("pwd").strip())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for running in reversed(self._started):
            running.interrupt()
        self._kill()
        self._shell.communicate()
        self._complaints.close()

    def _kill(self) -> None:
        self._shell.kill()

    def _complained(self) -> str:
        """The standard error of all commands."""
        return Path(self._complaints.name).read_text()


def _accept_interrupts() -> None:
    """A shell ignores Ctrl-C if its parent process does, such as a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ids_in(text: str) -> dict[str, str]:
    """The latest id of each kind in ``text``, by its placeholder in documents, such as ``order_…``."""
    found = {f"{kind}_…": id_ for id_, kind in re.findall(r"\b((order|pay|rfnd)_[A-Za-z0-9]{16})\b", text)}
    logs = re.findall(r'"id": ?"([0-9a-f-]{36})"', text)
    return found | ({LOG_ID: logs[-1]} if logs else {})
