"""``GET /exports/…``: payments, refunds and events as CSV, in parts."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from chalice.test import HTTPResponse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.event import RETENTION
from chalicelib.services import finance
from chalicelib.store.events import DELETED_EARLIER
from tests.api.client import Api, assert_error, card, shown
from tests.cloud import START, Cloud
from tests.rounds import rounds

Line = dict[str, str]
KINDS = ("payments", "refunds", "events")
MAX_PARTS = 1_000  # of one line, while payments with several events are made


def part(merchant: Api, path: str) -> HTTPResponse:
    response = merchant.get(f"/exports/{path}")
    assert response.status_code == 200, response.body
    return response


def lines_of(text: str) -> list[Line]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def exported(merchant: Api, kind: str, query: str = "", between: Callable[[], object] = bool) -> list[Line]:
    """All lines of an export; ``between`` is called after each part."""
    text, cursor = "", ""
    for _ in rounds("the last part has no cursor", at_most=MAX_PARTS):
        response = part(merchant, f"{kind}?{query}{cursor}")
        text += response.body.decode()
        between()
        if "Next-Cursor" not in response.headers:
            break
        cursor = f"&cursor={response.headers['Next-Cursor']}"
    return lines_of(text)


def test_a_line_of_a_payment_has_its_money_and_local_times(cloud: Cloud, merchant: Api):
    order = merchant.order(amount=1_234_567, currency="BHD")
    paid = merchant.payment(order_id=order["id"], **card())
    cloud.run(for_s=60)
    shown(merchant.post(f"/payments/{paid['id']}/capture"))
    merchant.refund(paid["id"], 1_001)
    cloud.acquirer.approves = False
    failed = merchant.payment(vpa="-5@bank")
    cloud.run(for_s=60)
    shown(merchant.put("/merchants/me/time-zone", {"time_zone": "Asia/Kolkata"}))
    response = part(merchant, "payments")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="payments.csv"'
    assert "Next-Cursor" not in response.headers
    newest, oldest = lines_of(response.body.decode())
    settled = datetime.fromisoformat(oldest.pop("settled_at"))
    assert settled == datetime.fromisoformat(shown(merchant.get(f"/payments/{paid['id']}"))["settled_at"])
    assert oldest == {
        "created_at": "2026-03-14T20:39:26.000+05:30",
        "payment_id": paid["id"],
        "order_id": order["id"],
        "status": "partially_refunded",
        "method": "card",
        "paid_with": "visa 1111",
        "amount": "1234.567",
        "refunded": "1.001",
        "net": "1233.566",
        "currency": "BHD",
        "captured_at": "2026-03-14T20:40:26.000+05:30",
        "error_code": "",
    }
    assert (newest["payment_id"], newest["status"]) == (failed["id"], "failed")
    assert (newest["paid_with"], newest["net"]) == ("'-5@bank", "0.00")
    assert (newest["captured_at"], newest["error_code"]) == ("", "PAYMENT_FAILED")


def test_a_line_of_a_refund_has_its_money_and_reason(cloud: Cloud, merchant: Api):
    paid = merchant.payment()
    cloud.run(for_s=60)
    body = {"amount": 5, "reason": '=1+1\n"quoted", ok'}
    refund = merchant.post(f"/payments/{paid['id']}/refunds", body).json_body
    assert lines_of(part(merchant, "refunds").body.decode()) == [
        {
            "created_at": "2026-03-14T15:10:26.000+00:00",
            "refund_id": refund["id"],
            "payment_id": paid["id"],
            "status": "pending",
            "amount": "0.05",
            "currency": "INR",
            "reason": '\'=1+1 "quoted", ok',
            "processed_at": "",
        }
    ]
    cloud.run(for_s=60)
    (line,) = lines_of(part(merchant, "refunds").body.decode())
    assert line["status"] == "processed"
    assert line["processed_at"].startswith("2026-03-14T15:10:")


def test_the_lines_of_events_are_the_feed(cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch):
    paid = merchant.payment()
    cloud.run(for_s=60)
    merchant.refund(paid["id"])
    cloud.run(for_s=60)
    feed = shown(merchant.get("/events?limit=100"))["data"]
    lines = exported(merchant, "events")
    assert [(line["event_id"], line["type"], line["sequence"]) for line in lines] == [
        (event["id"], event["type"], str(event["sequence"])) for event in feed
    ]
    assert {line["payment_id"] for line in lines} == {paid["id"]}
    for limit in (1, 2, len(lines)):
        monkeypatch.setattr(finance, "MAX_EXPORTED", limit)
        assert exported(merchant, "events") == lines
    times = [datetime.fromisoformat(line["recorded_at"]) for line in lines]
    assert times == sorted(times)
    first, last = (lines[place]["recorded_at"].replace("+", "%2B") for place in (0, -1))
    assert exported(merchant, "events", f"from={first}&to={last}") == [
        line for line, time in zip(lines, times, strict=True) if time < times[-1]
    ]
    assert exported(merchant, "events", f"from={last}") == [
        line for line, time in zip(lines, times, strict=True) if time == times[-1]
    ]
    assert exported(merchant, "events", f"from={first}&to={first}") == []


def test_events_start_at_the_oldest_that_is_not_deleted(cloud: Cloud, merchant: Api):
    merchant.payment()
    cloud.run(for_s=60)
    lines = exported(merchant, "events")
    cloud.time.move_to(START + RETENTION - DELETED_EARLIER)
    assert exported(merchant, "events", "from=2020-01-01T00:00:00Z") == lines
    cloud.time.move_to(START + RETENTION)
    assert exported(merchant, "events", "from=2020-01-01T00:00:00Z") == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_export_has_the_names_of_the_columns(merchant: Api, kind: str):
    response = part(merchant, kind)
    assert response.body.count(b"\r\n") == 1
    assert response.body.endswith(b"\r\n")
    assert lines_of(response.body.decode()) == []


def test_the_net_amounts_add_up_to_the_summary(cloud: Cloud, merchant: Api):
    ids = [merchant.payment(capture=capture)["id"] for capture in ("automatic", "manual", "manual")]
    cloud.run(for_s=60)
    merchant.refund(ids[0], 12_345)
    shown(merchant.post(f"/payments/{ids[1]}/void"))
    merchant.payment()
    (total,) = shown(merchant.get("/summary"))["data"]
    lines = exported(merchant, "payments")
    assert sum(Decimal(line["net"]) for line in lines) == Decimal(total["net"]) / 100
    assert [line["status"] for line in lines if line["payment_id"] == ids[1]] == ["voided"]


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 4), added=st.lists(st.integers(0, 2), max_size=4))
@example(limit=2, added=[1, 2, 0, 1])
def test_rows_that_are_written_meanwhile_neither_hide_nor_repeat_others(
    cloud: Cloud, new_merchant: Callable[[], Api], limit: int, added: list[int]
):
    merchant = new_merchant()
    counts: list[int] = []

    def trade(count: int) -> None:
        for _ in range(count):
            merchant.refund(paid, 1)
            merchant.payment()  # with the same time as the refund
        cloud.run(for_s=1)

    cloud.time.move_to(START)
    paid = merchant.payment()["id"]
    cloud.run(for_s=20)
    trade(4)
    for kind, name in (("payments", "payment_id"), ("refunds", "refund_id"), ("events", "event_id")):
        counts[:] = added
        before = [line[name] for line in exported(merchant, kind)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finance, "MAX_EXPORTED", limit)
            lines = exported(merchant, kind, between=lambda: trade(counts.pop()) if counts else None)
        found = [line[name] for line in lines]
        assert len(found) == len(set(found))
        assert [id_ for id_ in found if id_ in before] == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_merchant_exports_only_its_own_rows(cloud: Cloud, merchant: Api, stranger: Api, kind: str):
    paid = merchant.payment()
    cloud.run(for_s=60)
    merchant.refund(paid["id"])
    cloud.run(for_s=60)
    assert exported(merchant, kind)
    assert exported(stranger, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_deactivated_merchant_exports_nothing_although_it_is_cached(cloud: Cloud, merchant: Api, kind: str):
    part(merchant, kind)
    assert cloud.gateway.stores.merchants.deactivate(merchant.merchant_id, now=START + timedelta(seconds=1))
    assert_error(merchant.get(f"/exports/{kind}"), 401, "AUTHENTICATION_ERROR", "Invalid API credentials")
