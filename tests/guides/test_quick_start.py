"""The quick start, executed literally in a new clone; only the ports differ."""

import os
import re
from pathlib import Path

import pytest
import requests

from infra.local.ports import Ports, variable
from infra.project import ROOT
from tests.e2e.api import eventually
from tests.guides.clone import clone_into
from tests.guides.shape import require_same
from tests.guides.terminal import PATIENCE_S, Running, Terminal
from tests.guides.walk import Walk

GUIDE = "docs/QUICK_START.md"
DEFAULTS = vars(Ports())

pytestmark = pytest.mark.e2e


class Reader:
    """A reader of the quick start, with the gateway in one terminal and all other commands in another."""

    def __init__(self, folder: Path) -> None:
        self.ports = Ports.free()
        clone_into(folder)
        chosen = {variable(name): str(port) for name, port in vars(self.ports).items()}
        self.terminal = Terminal(folder, {**os.environ, **chosen})
        self.gateway: Running | None = None

    def filled(self, text: str) -> str:
        """The text of the guide with the ports of this run."""
        for name, port in vars(self.ports).items():
            text = re.sub(rf"\b(localhost|127\.0\.0\.1):{DEFAULTS[name]}\b", rf"\1:{port}", text)
        return text

    def follow(self, gateway: Running) -> None:
        """Wait until the gateway is ready."""
        self.gateway = gateway
        gateway.wait_for("Logs:")

    def see_in_first_terminal(self, shown: str) -> None:
        """Wait until the gateway prints the output of the guide."""
        assert self.gateway
        gateway = self.gateway

        def is_printed() -> bool:
            try:
                require_same(shown, gateway.said(), "text")
            except AssertionError:
                return False
            return True

        eventually(is_printed, within_s=PATIENCE_S)


@pytest.fixture
def reader(tmp_path):
    reader = Reader(tmp_path / "clone")
    with reader.terminal:
        yield reader


def test_the_quick_start_works(reader):
    walk = Walk(
        reader.terminal,
        fill=reader.filled,
        servers={"TEST_MODE=true make run": reader.follow},
        checks={"first-terminal": reader.see_in_first_terminal},
    )
    walk.through(GUIDE)
    guide = walk.filled((ROOT / GUIDE).read_text())
    for address in re.findall(r"<(http://localhost:[^>]+)>", guide):
        assert requests.get(address, timeout=60).status_code == 200, address
    email, password = re.findall(r"Sign in as\s+`([^`]+)` with `([^`]+)`", guide)[0]
    signed_in = requests.post(
        f"http://localhost:{reader.ports.api}/api/v1/sessions",
        json={"email": email, "password": password},
        timeout=60,
    )
    assert signed_in.status_code == 201
    assert reader.gateway.interrupt().rstrip().endswith("Stopped.")
