"""The program of the command `fixture`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import FrameType

from infra.errors import InfraError
from infra.local.steps import PrintedSteps, Steps
from infra.testing.control import follow
from infra.testing.server import TemporaryGateway, temporary_gateway

_WATCH_INTERVAL_S = 0.5
_INTERRUPTED = 130  # the command did not finish
_SIGNALLED = 128  # and the number of the signal that ended the command, as in a shell


def fixture(
    settings: Mapping[str, str],
    *,
    api_port: int | None,
    pages: bool,
    controlled: bool,
    command: Sequence[str],
) -> int:
    """Run a gateway until SIGINT or SIGTERM, or during ``command``, whose exit status is returned.

    ``controlled``: until the end of standard input, which contains requests. Raises InfraError.
    """
    if command and shutil.which(command[0]) is None:
        raise InfraError(f"The command {command[0]} was not found.")
    environment = dict(os.environ)  # of the command: a gateway changes the AWS settings of this process
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt_once)
    progress = PrintedSteps(sys.stderr) if sys.stderr.isatty() else Steps()
    try:
        with temporary_gateway(settings, api_port=api_port, pages=pages, progress=progress) as gateway:
            connection = gateway.new_merchant()
            if command:
                return _run(command, environment | connection.variables)
            print(json.dumps(asdict(connection)), flush=True)
            if controlled:
                follow(sys.stdin, lambda line: print(line, flush=True), gateway)
            else:
                _wait(gateway)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr, flush=True)
        return _INTERRUPTED if command else 0
    return 0


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status of ``command``. A signal that ends this process ends the command first."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    return status if status >= 0 else _SIGNALLED - status


def _wait(gateway: TemporaryGateway) -> None:
    if sys.stderr.isatty():
        print("The gateway is ready. Press Ctrl-C to stop it.", file=sys.stderr, flush=True)
    while True:
        gateway.require_alive()
        time.sleep(_WATCH_INTERVAL_S)


def _interrupt_once(_signal: int, _frame: FrameType | None) -> None:
    """Stop. Ignore further signals while the parts are being stopped."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
