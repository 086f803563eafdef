"""The command `clock` shows a merchant's test clock and moves it ahead."""

import pytest

from chalicelib.services import merchant_clocks
from infra.__main__ import main
from infra.operator.deployment import Deployment
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.sleeping import replace_sleep

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _running(cloud: Cloud, deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers run while the command waits for them."""
    replace_sleep(monkeypatch, merchant_clocks, lambda seconds: cloud.run(for_s=seconds))


def printed(capsys: Capture, *arguments: str) -> str:
    assert main(["clock", "--stage", STAGE, *arguments]) == 0
    return capsys.readouterr().out


def test_a_clock_that_was_never_moved_has_the_real_time(capsys: Capture):
    assert printed(capsys) == "Test Merchant: 2026-03-14 15:09:26 UTC, the real time\n"


def test_an_advance_is_shown(capsys: Capture):
    shown = printed(capsys, "--advance", "1d2h36m")
    assert shown == "Test Merchant: 2026-03-15 17:45:26 UTC, 1 d 2 h 36 min ahead of the real time\n"
    assert printed(capsys, "--to", "2026-04-01T00:00:00Z").startswith(
        "Test Merchant: 2026-04-01 00:00:00 UTC"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--to", "2020-01-01T00:00:00Z"], "The clock can only be moved forwards.\n"),
        (["--advance", "401d"], "The clock can be at most 400 days ahead of the real time.\n"),
    ],
)
def test_a_refused_advance_is_one_sentence(capsys: Capture, arguments: list[str], problem: str):
    assert main(["clock", "--stage", STAGE, *arguments]) == 1
    assert capsys.readouterr().err == problem


@pytest.mark.parametrize("arguments", [["--advance", "soon"], ["--to", "tomorrow"], ["--to", "2026-03-14"]])
def test_an_argument_that_is_not_a_time_is_refused(capsys: Capture, arguments: list[str]):
    with pytest.raises(SystemExit):
        main(["clock", "--stage", STAGE, *arguments])
    assert f"{arguments[1]!r}" in capsys.readouterr().err
