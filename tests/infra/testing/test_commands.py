"""The command `fixture` rejects wrong arguments before it starts a gateway."""

import signal
import socket
from collections.abc import Iterator

import pytest

from infra.__main__ import main
from infra.local.ports import HOST
from infra.testing import server


@pytest.fixture(autouse=True)
def _this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the signal handlers and the environment of the tests."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(server, "isolate", lambda environment: None)
    yield
    for each, handler in handlers.items():
        signal.signal(each, handler)


def test_a_port_in_use_is_named(capsys: pytest.CaptureFixture[str]):
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
        assert main(["fixture", "--port", str(port)]) == 1
    assert capsys.readouterr().err.startswith(f"Port {port} is in use. Stop the process that listens on it")


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]):
    assert main(["fixture", "--", "no-such-command"]) == 1
    assert capsys.readouterr().err == "The command no-such-command was not found.\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--port", "0"], "'0' is not a port from 1 to 65535"),
        (["--port", "http"], "'http' is not a port from 1 to 65535"),
        (["--set", "TEST_MODE"], "'TEST_MODE' is not NAME=VALUE"),
    ],
)
def test_a_wrong_option_is_explained(words: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["fixture", *words])
    assert message in capsys.readouterr().err
