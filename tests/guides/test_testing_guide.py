"""The guide to testing an integration works as documented, with the example shop."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from infra.project import ROOT
from tests.guides.terminal import Terminal
from tests.guides.walk import Walk

GUIDE = "docs/testing-your-integration.md"
EXAMPLE = ROOT / "docs" / "examples" / "shop"
CLONE = "path/to/payment-gateway"
INSTALLATION = "pip install pytest path/to/payment-gateway"  # downloads packages
# What the installation adds to the environment of a shop. An earlier `pip install` can have left its metadata
# in the source tree, from which pytest would load the plugin a second time.
COMMANDS = {
    "pytest": ("-m", "pytest", "-p", "no:payment_gateway", "-p", "infra.testing.plugin", "-p", "no:randomly"),
    "payment-gateway": ("-m", "infra"),
}

pytestmark = pytest.mark.e2e


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in COMMANDS.items():
        command = shlex.join([sys.executable, *words])
        (commands / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (commands / name).chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    return {
        **inherited,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
    }


def require_excerpt(block: str) -> None:
    """Require that the lines of the block are in the example."""
    lines = {line for path in EXAMPLE.glob("*.py") for line in path.read_text().splitlines()}
    assert [line for line in block.splitlines() if line not in lines | {"    ..."}] == []


def test_the_guide_works(tmp_path: Path, environment: dict[str, str]):
    folder = tmp_path / "shop tests"
    folder.mkdir()

    def save(script: str) -> None:
        (folder / "decline.sh").write_text(script)

    with Terminal(folder, environment) as terminal:
        walk = Walk(
            terminal,
            fill=lambda text: text.replace(CLONE, str(ROOT)),
            checks={"python": require_excerpt, "decline.sh": save},
            elsewhere={INSTALLATION: "a new environment"},
        )
        walk.through(GUIDE)
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith("payment-gateway-")]
    assert left == [], "a gateway deletes its data when it stops"
