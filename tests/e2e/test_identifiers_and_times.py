"""The format of identifiers, times and amounts in responses."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.e2e.api import Json

pytestmark = pytest.mark.contract("4")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
RANDOM = "[A-Za-z0-9]{16}"


@pytest.fixture(scope="module")
def answers(new_merchant) -> dict[str, Json]:
    """One response for each kind of object."""
    merchant = new_merchant()
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.paid()
        refund = merchant.refund(payment["id"], 100)
        refunded = merchant.refunded(refund["id"])
        log = merchant.log_of("refund.processed", lambda log: log["status"] == "success")
    read = {
        "order": f"/orders/{payment['order_id']}",
        "payment": f"/payments/{payment['id']}",
        "webhook log": f"/webhooks/{log['id']}",
        "merchant": "/merchants/me",
    }
    return {
        **{name: merchant.get(path).json() for name, path in read.items()},
        "refund": refunded,
        "health": merchant.request("GET", "/health").json(),
    }


def fields(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """All fields of a response with their paths, except content from clients and receivers."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"notes", "request_headers", "response_headers", "payload"}:
                yield from fields(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, path)
    else:
        yield path.removeprefix("."), value


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("order", f"order_{RANDOM}"),
        ("payment", f"pay_{RANDOM}"),
        ("refund", f"rfnd_{RANDOM}"),
        ("merchant", UUID),
        ("webhook log", UUID),
    ],
)
def test_an_identifier_has_the_prefix_of_its_kind(answers, name, form):
    assert re.fullmatch(form, answers[name]["id"])


def test_a_reference_is_the_id_of_the_object(answers):
    assert answers["order"]["merchant_id"] == answers["merchant"]["id"]
    assert answers["payment"]["order_id"] == answers["order"]["id"]
    assert answers["refund"]["payment_id"] == answers["payment"]["id"]


def test_every_time_is_in_utc_with_a_z(answers):
    times = [
        (path, value)
        for path, value in fields(answers)
        if path.endswith(("_at", ".at", ".timestamp")) and value is not None
    ]
    assert len(times) >= 9
    for path, value in times:
        assert re.fullmatch(TIME, str(value)), path
        assert datetime.fromisoformat(str(value)).tzinfo is not None


def test_the_timestamp_in_a_webhook_body_is_an_integer(answers):
    assert type(answers["webhook log"]["payload"]["timestamp"]) is int


def test_every_amount_is_an_integer_in_minor_units(answers):
    amounts = [value for path, value in fields(answers) if "amount" in path]
    assert len(amounts) >= 4
    assert all(type(amount) is int for amount in amounts)
    assert answers["order"]["currency"] == answers["payment"]["currency"] == "INR"
