"""The search of the dashboard: the meanings of a text, and the pages of its matches."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pages import run_script, stage_modules

MEANINGS = """
import { amountSearches, understand } from "./app/search-text.js";
import { readFileSync } from "node:fs";
const currencies = ["INR", "JPY", "USD"];
console.log(JSON.stringify(JSON.parse(readFileSync(0)).map((text) => {
  const { problem, note, id, searches = [], amount } = understand(text);
  const all = [...searches, ...(amount ? amountSearches(amount, currencies) : [])];
  return { problem, note, id,
    filters: all.map(({ filters }) => filters),
    titles: all.map(({ title }) => title),
    accepted: all.map(({ accepts }) => currencies.filter((currency) => accepts({ currency }))) };
})));
"""
PAGES = """
import { findMore, NONE } from "./app/matches.js";
const item = (id, currency = "INR") => ({ id, currency, created_at: `time of ${id}` });
const many = Array.from({ length: 19 }, (_, index) => item(index));
const pages = {
  first: { data: [], searched_until: "May", next_cursor: "a" },
  a: { data: [item("yen", "JPY"), ...many], next_cursor: "b" },
  b: { data: [item("last")], searched_until: "April", next_cursor: "c" },
  c: { data: [item("rest")], next_cursor: null },
};
const reports = [];
const asked = [];
let limits = 1;
const options = {
  load: async (cursor = "first") => {
    asked.push(cursor);
    if (cursor === "a" && limits--) throw Object.assign(new Error("slower"), { status: 429, retryAfterS: 7 });
    return pages[cursor];
  },
  accepts: ({ currency }) => currency === "INR",
  report: (found) => reports.push(found),
  signal: new AbortController().signal,
  onWait: (wait) => wait && asked.push(wait.seconds),
  sleep: async () => {},
};
await findMore(NONE, options);
asked.push("stopped");
await findMore(reports.at(-1), options);
const found = reports.map(({ items, until, isDone }) => [items.length, until, isDone]);
console.log(JSON.stringify({ asked, found }));
"""
ID = "4k3J5h6G7f8D9s0A"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    stage_modules(folder)
    return folder


def meanings(folder: Path, *texts: str) -> list[Any]:
    found: list[Any] = json.loads(run_script(folder, MEANINGS, json.dumps(texts)))
    return found


def filters(folder: Path, *texts: str) -> list[Any]:
    return [meaning["filters"] for meaning in meanings(folder, *texts)]


def test_an_exact_id_is_opened_and_can_still_be_a_receipt(folder):
    kinds = {"pay": "payment", "order": "order", "rfnd": "refund"}
    found = meanings(folder, *(f"{prefix}_{ID}" for prefix in kinds))
    for meaning, (prefix, kind) in zip(found, kinds.items(), strict=True):
        assert meaning["id"] == {"kind": kind, "id": f"{prefix}_{ID}"}
        assert meaning["filters"] == [{"receipt": f"{prefix}_{ID}"}]
    (incomplete,) = meanings(folder, "order_4k3J5h6G7f8D9s")
    assert incomplete["note"] == (
        "This is not a complete id: the id of an order is order_ and 16 letters or digits."
    )
    assert incomplete["filters"] == [{"receipt": "order_4k3J5h6G7f8D9s"}]


def test_four_digits_are_a_receipt_the_end_of_a_card_and_an_amount(folder):
    (found,) = meanings(folder, "2024")
    assert found["filters"] == [
        {"receipt": "2024"},
        {"card_last4": "2024"},
        {"amount": 202_400},
        {"amount": 2_024},
    ]
    assert found["titles"] == [
        "Orders with the receipt “2024”",
        "Payments with a card that ends with 2024",
        "Payments of ₹2,024.00 or $2,024.00",
        "Payments of ¥2,024",
    ]
    assert found["accepted"][2:] == [["INR", "USD"], ["JPY"]]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("499.50", [49_950]),  # not in JPY
        ("₹500", [50_000]),
        ("500 usd", [50_000]),
        ("JPY 500", [500]),
        ("Rs. 1,00,000", [10_000_000]),
        ("$1,499.5", [149_950]),
        ("JPY 4.5", []),
        ("0", []),
        ("499,50", []),
        ("500 ABC", []),
        ("₹500 USD", []),
        ("-500", []),
        ("9" * 20, []),
        ("1e3", []),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(folder, text, amounts):
    assert filters(folder, text) == [[{"receipt": text}, *({"amount": amount} for amount in amounts)]]


def test_every_other_text_is_a_receipt(folder):
    texts = ["%", "रसीद ४२", "a b  c", "<b>x</b>", "asha@ok-bank", "५००", "🧾" * 255]
    assert filters(folder, *texts) == [[{"receipt": text}] for text in texts]
    assert filters(folder, "asha@okbank") == [[{"receipt": "asha@okbank"}, {"vpa": "asha@okbank"}]]


def test_a_card_number_and_a_text_that_is_too_long_are_not_searched(folder):
    for found in meanings(folder, "4111111111111111", "4111 1111-1111.1111", "378282246310005"):
        assert found["problem"] == "This is a card number. Search by its last four digits instead."
        assert found["filters"] == []
    (too_long,) = meanings(folder, "x" * 500)
    assert too_long["problem"] == "Search for at most 255 characters. This text has 500."
    assert filters(folder, "4111111111111112", "9411111111111111") == [
        [{"receipt": "4111111111111112"}, {"amount": 4111111111111112}],
        [{"receipt": "9411111111111111"}],
    ]


def test_a_search_continues_to_enough_matches_and_then_on_request(folder):
    assert json.loads(run_script(folder, PAGES, "")) == {
        "asked": ["first", "a", 7, "a", "b", "stopped", "c"],
        "found": [
            [0, "May", False],
            [19, "time of 18", False],
            [20, "April", False],
            [21, "time of rest", True],
        ],
    }
