"""The emulator of Stripe: it listens on loopback, leaves no file, and ends with its parent process."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.errors import InfraError
from infra.local import stripe_emulator
from infra.local.ports import HOST_V6
from infra.local.stripe_emulator import StripeEmulator
from infra.project import ROOT

CARDS_OF_LOCALSTRIPE = Path("/tmp/localstripe.pickle")
EXIT_TIMEOUT_S = 30


def test_it_listens_on_one_address_and_writes_no_file():
    before = CARDS_OF_LOCALSTRIPE.stat().st_mtime if CARDS_OF_LOCALSTRIPE.exists() else None
    with StripeEmulator() as emulator:
        assert emulator.api_url.startswith("http://127.0.0.1:")
        assert emulator.intent("pay_1") is None
        with pytest.raises(OSError), socket.create_connection((HOST_V6, emulator.port)):  # noqa: PT011 - any
            pass
        with pytest.raises(InfraError, match="404"):
            emulator.refunds("pi_unknown")
    after = CARDS_OF_LOCALSTRIPE.stat().st_mtime if CARDS_OF_LOCALSTRIPE.exists() else None
    assert after == before


def test_it_ends_with_its_parent():
    port = StripeEmulator().port
    words = [sys.executable, "-m", "infra.local.stripe_server", str(port)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(EXIT_TIMEOUT_S) is not None


def test_a_missing_emulator_has_a_clear_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stripe_emulator, "find_spec", lambda _name: None)
    with pytest.raises(InfraError, match=r"pip install -r requirements-dev\.txt"), StripeEmulator():
        pass


def test_a_refused_command_is_an_error():
    unreachable = "http://127.0.0.1:9"
    with pytest.raises(InfraError, match="AWS is not reachable"):
        StripeEmulator().serve("test@example.com", stage="demo", aws_endpoint_url=unreachable)
