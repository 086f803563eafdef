"""The API, the pages, the refund dialog and the webhooks show the same amounts in every currency."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from iso4217 import Currency

from chalicelib.domain.event import EventName, events_between
from chalicelib.domain.money import MAX_AMOUNT
from chalicelib.jobs.messages import ProcessPayment, ProcessRefund
from tests.api.client import Api, Json, card, made, shown
from tests.cloud import Cloud
from tests.cloud import cloud as new_cloud
from tests.pages import run_script, stage_modules

DIGITS = {currency.code: currency.exponent for currency in Currency if currency.exponent is not None}
ODD_CODES = {"ZZZ": 2, "XAU": 2}  # codes that orders of earlier versions may have
AMOUNTS = [1, 9, 10, 99, 100, 101, 1_000, 12_345, 50_000, 99_999_999, 2**53 - 2, MAX_AMOUNT]
AMOUNTS += [10**power + 1 for power in range(3, 16)]
LOCALES = ["en-IN", "en-US", "de-DE", "fr-FR", "hi-IN", "ar-EG", "pt-CV", "de-CH"]

FUNCTIONS = """
import { readFileSync } from "node:fs";
import { formatMoney } from "./page/money.js";
import { minorUnits, money, typedAmount } from "./app/format.js";
const asked = JSON.parse(readFileSync(0, "utf8"));
const print = (value) => console.log(JSON.stringify(value));
"""
AS_SHOWN = """
print(asked.map(([order, payment]) => {
  const refundable = payment.amount - payment.amount_refunded; // as in the refund dialog
  const typed = typedAmount(refundable, payment.currency);
  return {
    checkout: formatMoney(order.amount, order.currency, "en-IN"),
    dashboard: money(payment.amount, payment.currency),
    typed,
    refund: JSON.stringify({ amount: minorUnits(typed, payment.currency) }),
  };
}));
"""
AS_WRITTEN = """
const { amounts, currencies, locales } = asked;
print(currencies.flatMap((currency) => amounts.map((amount) => {
  const typed = typedAmount(amount, currency);
  const written = locales.map((locale) => formatMoney(amount, currency, locale));
  return [currency, amount, typed, minorUnits(typed, currency), money(amount, currency), ...written];
})));
"""
AS_TYPED = "print(asked.map(([text, currency]) => minorUnits(text, currency)));"
AS_STRINGIFIED = "print(asked.map((body) => JSON.stringify(JSON.parse(body))));"


def batched(codes: Iterable[str], size: int) -> list[list[str]]:
    """The sorted codes in batches of ``size``."""
    every = sorted(codes)
    return [every[start : start + size] for start in range(0, len(every), size)]


def major(amount: int, digits: int) -> str:
    """The amount in major units, independent of the product's implementation."""
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def number_in(text: str) -> str:
    """The number in a text such as `₹5,00,000.00`, with a decimal point."""
    (number,) = re.findall(r"[0-9][0-9,.]*", text)
    return str(number).replace(",", "")


def digits_in(text: str) -> str:
    """The digits in ``text``, of any script."""
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    """One per test, because moto copies all rows for each transaction."""
    with new_cloud(RATE_LIMIT_PER_S="10000") as made:
        yield made


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modules")
    stage_modules(folder)
    return folder


@pytest.mark.parametrize("currencies", batched(DIGITS, 28), ids=lambda codes: f"{codes[0]}-{codes[-1]}")
def test_an_amount_is_exact_from_order_to_webhook_in_every_currency(
    cloud: Cloud, merchant: Api, modules: Path, currencies: list[str]
):
    """API, checkout page, dashboard, refund dialog, API, webhook. The test calls the workers directly."""
    paid = [pay_most(cloud, merchant, currency) for currency in currencies]
    bodies = [f"[{as_buyer(merchant, payment)}, {as_merchant(merchant, payment)}]" for payment in paid]
    seen: list[Json] = json.loads(run_script(modules, FUNCTIONS + AS_SHOWN, f"[{','.join(bodies)}]"))
    webhooks = []
    for payment, one in zip(paid, seen, strict=True):
        expected = major(MAX_AMOUNT, DIGITS[payment["currency"]])
        assert number_in(one["checkout"]) == number_in(one["dashboard"]) == one["typed"] == expected
        refund = made(merchant.post(f"/payments/{payment['id']}/refunds", one["refund"].encode()))
        assert refund["amount"] == MAX_AMOUNT
        webhooks.append(refunded_webhook(cloud, payment))
    # A receiver that parses numbers as in JavaScript does not lose a digit.
    assert json.loads(run_script(modules, FUNCTIONS + AS_STRINGIFIED, json.dumps(webhooks))) == webhooks
    for currency, body in zip(currencies, webhooks, strict=True):
        data = json.loads(body)["data"]
        assert data["payment"]["currency"] == currency
        amounts = data["payment"]["amount"], data["payment"]["amount_refunded"], data["refund"]["amount"]
        assert amounts == (MAX_AMOUNT,) * 3


def pay_most(cloud: Cloud, merchant: Api, currency: str) -> Json:
    """Create a successful payment of the largest amount."""
    order = merchant.order(amount=MAX_AMOUNT, currency=currency)
    payment = merchant.payment(order_id=order["id"], **card())
    kept = cloud.gateway.payments.get(payment["id"])
    cloud.gateway.payments.process(ProcessPayment.of(kept))
    return payment


def refunded_webhook(cloud: Cloud, payment: Json) -> str:
    """Settle the payment's latest refund and return the body of `refund.processed`."""
    before = cloud.gateway.payments.get(payment["id"])
    assert before.latest_refund
    job = ProcessRefund.of(before.latest_refund, before)
    cloud.gateway.refunds.process(job)
    (event,) = events_between(before, cloud.gateway.payments.get(payment["id"]))
    assert event.name is EventName.REFUND_PROCESSED
    return event.body()


def as_buyer(merchant: Api, payment: Json) -> str:
    return bytes(merchant.anonymous.get(f"/orders/{payment['order_id']}/public").body).decode()


def as_merchant(merchant: Api, payment: Json) -> str:
    response = merchant.get(f"/payments/{payment['id']}")
    assert shown(response)["status"] == "success"
    return bytes(response.body).decode()


def test_the_pages_format_every_amount_exactly(modules: Path):
    digits = DIGITS | ODD_CODES
    asked = {"amounts": AMOUNTS, "currencies": sorted(digits), "locales": LOCALES}
    written = json.loads(run_script(modules, FUNCTIONS + AS_WRITTEN, json.dumps(asked)))
    assert len(written) == len(AMOUNTS) * len(digits)
    for currency, amount, typed, typed_again, dashboard, *checkout in written:
        expected = major(amount, digits[currency])
        assert (typed, typed_again) == (expected, amount)
        assert number_in(dashboard) == number_in(checkout[0]) == number_in(checkout[1]) == expected
        for text in checkout:
            assert digits_in(text) == digits_in(expected), (currency, text)


@pytest.mark.parametrize(
    ("amount", "currency", "shown_as"),
    [
        (50_000, "INR", "₹500.00"),
        (5_00_000_00, "INR", "₹5,00,000.00"),
        (50_000, "HUF", "HUF 500.00"),
        (50_000, "IQD", "IQD 50.000"),
        (50_000, "JPY", "JP¥50,000"),
        (50_000, "ZZZ", "ZZZ 500.00"),
        (MAX_AMOUNT, "INR", "₹9,00,71,99,25,47,409.91"),
        (MAX_AMOUNT, "CLF", "CLF 9,00,71,99,25,474.0991"),
    ],
)
def test_the_checkout_page_groups_digits_by_locale(modules: Path, amount: int, currency: str, shown_as: str):
    asked = {"amounts": [amount], "currencies": [currency], "locales": ["en-IN"]}
    ((*_, written),) = json.loads(run_script(modules, FUNCTIONS + AS_WRITTEN, json.dumps(asked)))
    assert written.replace("\u00a0", " ") == shown_as


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("100", "HUF", 10_000),
        ("100", "COP", 10_000),
        ("100", "PKR", 10_000),
        ("100", "IQD", 100_000),
        ("100", "JPY", 100),
        ("0.5", "INR", 50),
        (" 499.50 ", "INR", 49_950),
        ("0.001", "KWD", 1),
        ("90071992547409.91", "INR", MAX_AMOUNT),
        ("9007199254740991", "JPY", MAX_AMOUNT),
        ("100", "ZZZ", 10_000),
        ("0", "INR", 0),
        ("100.5", "JPY", None),
        ("1.001", "INR", None),
        ("1.0001", "KWD", None),
        ("1,000", "INR", None),
        ("1.000,50", "INR", None),
        ("1e3", "INR", None),
        ("-1", "INR", None),
        (".5", "INR", None),
        ("5.", "INR", None),
        ("\u0665", "INR", None),
        ("", "INR", None),
    ],
)
def test_a_typed_amount_is_parsed_with_the_minor_units_of_its_currency(
    modules: Path, text: str, currency: str, amount: int | None
):
    assert json.loads(run_script(modules, FUNCTIONS + AS_TYPED, json.dumps([[text, currency]]))) == [amount]


def test_a_typed_amount_above_the_maximum_is_not_rounded_below_it(modules: Path):
    asked = [[text, "JPY"] for text in ("9007199254740992", "9007199254740993", "9" * 20)]
    assert all(
        amount > MAX_AMOUNT
        for amount in json.loads(run_script(modules, FUNCTIONS + AS_TYPED, json.dumps(asked)))
    )
