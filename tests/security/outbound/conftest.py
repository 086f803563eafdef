"""Production's API and sender, and a simulated internet."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.security.outbound.certificates import issue
from tests.security.outbound.internet import Internet, internet
from tests.security.outbound.receivers import receiver, recording

MERCHANT = "merchant.example"


@pytest.fixture(scope="session", name="certificates")
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The authority's certificate, and one for every name under ``example`` and ``rbndr.us``."""
    return issue(tmp_path_factory.mktemp("certificates"), "*.example", MERCHANT, "*.rbndr.us")


@pytest.fixture(name="net")
def _net(certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """The internet, whose public servers have trusted certificates."""
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificates[0]))
    with internet() as made:
        yield made


@pytest.fixture
def posted(net: Internet, certificates: tuple[Path, Path]) -> Iterator[list[bytes]]:
    """The requests that the public servers received."""
    requests_had: list[bytes] = []
    behave = recording(requests_had)
    four = receiver(behave, first_read=False, certificate=certificates[1])
    six = receiver(behave, first_read=False, certificate=certificates[1], family=socket.AF_INET6)
    with four as url, six as url_v6:
        net.ports = {
            socket.AF_INET: urlsplit(url).port or 0,
            socket.AF_INET6: urlsplit(url_v6).port or 0,
        }
        yield requests_had
