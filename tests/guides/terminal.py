"""A terminal: one shell that keeps its folder, variables and functions from command to command."""

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

LOG_ID = "d8e4b60e-…"  # how a document leaves out a webhook log's
PATIENCE_S = 60.0  # for what has to happen, on a busy machine
COMMAND_TIMEOUT_S = 300.0  # one that hangs must not hang the tests


@dataclass(frozen=True)
class Running:
    """A command that goes on until it is interrupted; ``output`` is the file it writes to."""

    group: int
    output: Path

    def said(self) -> str:
        """What it has printed up to now."""
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        """Wait until it has printed ``text``."""
        assert eventually(lambda: text in self.said() or not self._is_alive(), within_s=PATIENCE_S)
        assert text in self.said(), f"it ended before it said {text!r}:\n{self.said()}"

    def interrupt(self) -> str:
        """Press Ctrl-C, and wait for the end; returns all that it printed."""
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
    """Bash in ``folder``; a context manager. What still runs at the end is interrupted."""

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
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 - one system call, no lock
        )
        self.run("set -o pipefail -m")  # failures show, and what is started can be interrupted

    def run(self, command: str) -> str:
        """Run ``command`` and return what it printed; AssertionError when it failed."""
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
        """Start what does not end by itself."""
        output = self._scratch / f"output-{len(self._started)}"
        output.touch()
        self.run(f"{{ {command.strip()}\n}} >{output} 2>&1 &\nstarted=$!")
        running = Running(int(self.run("echo $started")), output)
        self._started.append(running)
        return running

    @property
    def folder(self) -> Path:
        """Where it is now."""
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
        """All that commands said on their standard error."""
        return Path(self._complaints.name).read_text()


def _heed_interrupts() -> None:
    """A shell does not heed Ctrl-C where whoever started it does not, such as a job in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ids_in(text: str) -> dict[str, str]:
    """The latest id of each kind in ``text``, by what stands for it in a document, such as ``order_…``."""
    found = {f"{kind}_…": id_ for id_, kind in re.findall(r"\b((order|pay|rfnd)_[A-Za-z0-9]{16})\b", text)}
    logs = re.findall(r'"id": ?"([0-9a-f-]{36})"', text)
    return found | ({LOG_ID: logs[-1]} if logs else {})
