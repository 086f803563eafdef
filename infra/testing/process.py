"""The process of a gateway for tests. The tests share neither modules nor environment variables with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import IO, Any, Self

from infra.local.processes import wait_or_kill
from infra.project import IMPORTS, IS_INSTALLED
from infra.testing.connection import Connection
from infra.testing.control import MERCHANT, PAGES
from infra.testing.errors import NotStartedError, PaymentGatewayError, StoppedError

START_TIMEOUT_S = 120.0  # a start takes a few seconds; the first one also packages the code
RESPONSE_TIMEOUT_S = 120.0  # the pages install packages from npm the first time
STOP_TIMEOUT_S = 30.0
LOG_CHARS = 10_000


class GatewayProcess:
    """A gateway on free ports. Use it as a context manager."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """``settings``: environment variables of the gateway, such as UPI_SUCCESS_RATE."""
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader: Thread | None = None
        self._asking = Lock()
        self._has_pages = False

    def start(self) -> Self:
        """Start the gateway and wait until it is ready. Raises NotStartedError."""
        if self._process is not None:
            raise PaymentGatewayError("The gateway is running already.")
        self._lines, self._has_pages = SimpleQueue(), False
        self._log = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [sys.executable, *_MAIN, "fixture", "--controlled", *self._options()],
            stdin=subprocess.PIPE,  # closes when this process ends, which stops the gateway
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(),
            encoding="utf-8",
            start_new_session=True,  # not stopped by Ctrl-C: the end of the tests stops it
        )
        self._reader = Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True)
        self._reader.start()
        line = self._line(START_TIMEOUT_S)
        if not line:
            log = self._end()
            raise NotStartedError(f"The payment gateway did not start within {START_TIMEOUT_S:g} s.\n{log}")
        return self

    def stop(self) -> None:
        """Stop the gateway and all its processes. No-op if it is stopped."""
        if self._process is not None:
            self._end()

    def new_merchant(self) -> Connection:
        """Create a merchant that shares nothing with the others. Raises StoppedError."""
        return Connection(**self._ask(MERCHANT))

    def upload_pages(self) -> None:
        """Make the checkout page and the dashboard available. No-op if they are. Raises StoppedError."""
        if not self._has_pages:
            self._ask(PAGES)
            self._has_pages = True

    def require_running(self) -> None:
        """Raise StoppedError if the gateway was stopped or has exited."""
        if self._process is None:
            raise StoppedError("The payment gateway was stopped. Nothing can be sent to it after its stop.")
        if self._process.poll() is not None:
            raise StoppedError(f"The payment gateway exited.\n{self._end()}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _options(self) -> Iterator[str]:
        for name, value in self._settings.items():
            yield "--set"
            yield f"{name}={value}"

    def _ask(self, request: str) -> dict[str, Any]:
        with self._asking:
            self.require_running()
            assert self._process is not None  # noqa: S101 - it is running
            assert self._process.stdin is not None  # noqa: S101 - a pipe
            with suppress(BrokenPipeError):  # it exits: there is no response
                self._process.stdin.write(f"{request}\n")
                self._process.stdin.flush()
            line = self._line(RESPONSE_TIMEOUT_S)
        if not line:
            raise StoppedError(f"The payment gateway did not respond.\n{self._end()}")
        response: dict[str, Any] = json.loads(line)
        if "error" in response:
            raise PaymentGatewayError(response["error"])
        return response

    def _line(self, timeout_s: float) -> str:
        """The next line of output. Empty if the process exited, or after ``timeout_s``."""
        try:
            return self._lines.get(timeout=timeout_s)
        except Empty:
            return ""

    def _end(self) -> str:
        """End the process and return the end of its log."""
        process, log = self._process, self._log
        assert process is not None  # noqa: S101 - it was started
        assert log is not None  # noqa: S101 - as above
        self._process = self._log = None
        with suppress(BrokenPipeError):
            if process.stdin is not None:
                process.stdin.close()
        wait_or_kill(process, STOP_TIMEOUT_S)
        if self._reader is not None:
            self._reader.join()
        with log:
            log.seek(0)
            return log.read()[-LOG_CHARS:].strip()


# The current directory can contain a package named `infra`, so it is not searched for modules.
_MAIN = ("-P", "-m", "infra")


def _environment() -> dict[str, str]:
    """The environment of the gateway, with the modules of a checkout of the repository."""
    return dict(os.environ) if IS_INSTALLED else {**os.environ, "PYTHONPATH": str(IMPORTS)}


def _read(output: IO[str], lines: "SimpleQueue[str]") -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put("")
