"""The log of API requests: what is in it, what never is, and who can read it."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.api_request import ApiRequest
from chalicelib.services.request_log import NOT_LOGGED, RequestNotLoggedError
from chalicelib.services.stats import StatsService
from chalicelib.store.item_size import item_bytes
from tests.api.client import (
    PASSWORD,
    UPI,
    VISA,
    Api,
    Json,
    assert_bad_request,
    card,
    made,
    shown,
)
from tests.api.test_request_log import request_line
from tests.cloud import CREDENTIALS, START, Cloud, with_request_ids
from tests.cloud import cloud as new_cloud

DAYS = 7
TABLE = "test-api-requests"
UNIT_BYTES = 1024  # of a write unit


@pytest.fixture(scope="module", name="shared_cloud")
def _shared_cloud() -> Iterator[Cloud]:
    """A gateway with the log, behind an API Gateway that gives each request an id."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with with_request_ids(), new_cloud(REQUEST_LOG_DAYS=str(DAYS)) as made_cloud:
            yield made_cloud


@pytest.fixture
def session(merchant: Api) -> Api:
    body = {"email": merchant.email, "password": PASSWORD}
    return merchant.bearing(made(merchant.anonymous.post("/sessions", body))["token"])


def logged(session: Api, query: str = "") -> list[Json]:
    """The log, oldest first. Reading it with a session is not logged."""
    lines: list[Json] = shown(session.get(f"/requests?limit=100{query}"))["data"]
    return lines[::-1]


def test_every_request_with_the_api_key_is_logged_with_its_objects(cloud: Cloud, merchant: Api, session: Api):
    order = merchant.order()
    payment = made(merchant.post("/payments", {"order_id": order["id"], **UPI}))
    shown(merchant.get(f"/payments/{payment['id']}"))
    lines = logged(session)
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "/api/v1/orders", 201),
        ("POST", "/api/v1/payments", 201),
        ("GET", "/api/v1/payments/{payment_id}", 200),
    ]
    created = lines[1]
    assert created == {
        "id": created["id"],
        "created_at": "2026-03-14T15:09:26.000Z",
        "method": "POST",
        "route": "/api/v1/payments",
        "status": 201,
        "error_code": None,
        "took_ms": created["took_ms"],
        "credential": merchant.credentials["X-Api-Key"],
        "order_id": order["id"],
        "payment_id": payment["id"],
        "refund_id": None,
        "webhook_log_id": None,
    }
    assert shown(session.get(f"/requests/{created['id']}")) == created


def test_the_request_of_an_error_is_found_by_its_id(merchant: Api, session: Api):
    refused = merchant.post("/orders", {"amount": 0})
    request_id = refused.json_body["error"]["request_id"]
    line = shown(session.get(f"/requests/{request_id}"))
    assert (line["status"], line["error_code"], line["order_id"]) == (400, "BAD_REQUEST_ERROR", None)


def test_refunds_and_webhooks_are_linked(cloud: Cloud, merchant: Api, session: Api):
    shown(merchant.put("/webhooks/config", {"webhook_url": "https://shop.example/hook"}))
    payment = merchant.payment()
    cloud.run(for_s=60)
    refund = merchant.refund(payment["id"])
    (log, *_) = shown(merchant.get("/webhooks"))["data"]
    shown(merchant.post(f"/webhooks/{log['id']}/retry"))
    lines = {line["route"]: line for line in logged(session)}
    assert lines["/api/v1/payments/{payment_id}/refunds"]["refund_id"] == refund["id"]
    assert lines["/api/v1/webhooks/{log_id}/retry"]["webhook_log_id"] == log["id"]
    of_payment = {line["route"] for line in logged(session, f"&payment_id={payment['id']}")}
    assert {"/api/v1/payments", "/api/v1/payments/{payment_id}/refunds"} <= of_payment
    assert "/api/v1/orders" not in of_payment


def test_of_the_dashboard_changes_and_failures_are_logged(session: Api):
    shown(session.get("/orders"))
    shown(session.put("/merchants/me/return-origins", {"origins": []}))
    assert session.get("/orders?limit=0").status_code == 400
    shown(session.get("/requests"))
    assert [(line["method"], line["status"], line["credential"]) for line in logged(session)] == [
        ("PUT", 200, "dashboard"),
        ("GET", 400, "dashboard"),
    ]


def test_reading_the_log_with_the_api_key_is_logged(merchant: Api, session: Api):
    shown(merchant.get("/requests"))
    assert [line["route"] for line in logged(session)] == ["/api/v1/requests"]


def test_requests_without_valid_credentials_and_of_the_checkout_are_not_logged(
    cloud: Cloud, merchant: Api, session: Api
):
    wrong = Api(merchant.http, credentials={**merchant.credentials, "X-Api-Secret": "wrong"})
    before = len(cloud.rows(TABLE))
    order = merchant.order()
    assert wrong.get("/orders").status_code == 401
    shown(merchant.anonymous.get(f"/orders/{order['id']}/public"))
    made(merchant.anonymous.post("/payments/public", {"order_id": order["id"], **UPI}))
    assert len(cloud.rows(TABLE)) == before + 1


@pytest.mark.parametrize("number", [VISA, "378282246310005", "4111-1111-1111-1111", "4111 1111 1111 1111"])
def test_a_card_number_in_any_input_is_never_logged(cloud: Cloud, merchant: Api, number: str):
    order = merchant.order()
    path = number.replace(" ", "%20")
    merchant.post("/payments", {"order_id": order["id"], **card(number=number)})
    merchant.post("/payments", {"order_id": number, **card(number=number)})
    upi = {"order_id": order["id"], "method": "upi", "vpa": f"{number}@bank"}
    merchant.post("/payments", upi, key=number)
    for id_ in (path, f"pay_{path}", f"pay_{path}a", f"pay_a{path}", "41111111-1111-1111-0000-000000000000"):
        merchant.get(f"/payments/{id_}?q={path}")
        merchant.get(f"/webhooks/{id_}")
        merchant.get(f"/orders?cursor={path}&order_id={path}")
        merchant.get(f"/requests/{id_}")
    mine = [row for row in cloud.rows(TABLE) if merchant.merchant_id in str(row)]
    assert len(mine) == 24
    digits = re.sub(r"\D", "", number)
    for row in mine:
        texts = [value["S"] for name, value in row.items() if "S" in value and name not in KEYS]
        assert not [text for text in texts if digits in re.sub(r"[\s-]", "", text)]
        assert "41111111-1111" not in str(row)


KEYS = {"id", "list_key", "sort_key", "merchant_id"}  # random ids, and times


def test_a_row_contains_nothing_else_and_fits_in_a_write_unit(cloud: Cloud, merchant: Api):
    longest = ApiRequest(
        request_id="3f1c1f6e-9d0b-4c59-9f0f-0c1f6a0a1b2c",
        merchant_id=merchant.merchant_id,
        created_at=START,
        method="DELETE",
        route="/api/v1/webhooks/endpoints/{endpoint_id}/secret/regenerate",
        status=500,
        took_ms=29_000,
        credential="key_test_0123456789abcdef",
        error_code="INTERNAL_SERVER_ERROR",
        order_id="order_0123456789abcdef",
        payment_id="pay_0123456789abcdef",
        refund_id="rfnd_0123456789abcdef",
        webhook_log_id="3f1c1f6e-9d0b-4c59-9f0f-0c1f6a0a1b2c",
    )
    cloud.gateway.request_log.write(longest)
    (row,) = [row for row in cloud.rows(TABLE) if longest.request_id in str(row)]
    assert set(row) == {*vars(longest), "id", "list_key", "sort_key", "failed", "expires_at"}
    assert item_bytes(row) < UNIT_BYTES


def test_the_list_is_filtered_and_paged(merchant: Api, session: Api):
    for amount in (500, 0, 500, 0, 0):
        merchant.post("/orders", {"amount": amount})
    assert [line["status"] for line in logged(session, "&failed=true")] == [400, 400, 400]
    assert [line["status"] for line in logged(session, "&failed=false")] == [201, 201]
    first = shown(session.get("/requests?limit=3"))
    rest = shown(session.get(f"/requests?limit=3&cursor={first['next_cursor']}"))
    assert (first["total"], len(first["data"]), len(rest["data"])) == (None, 3, 2)
    assert rest["next_cursor"] is None
    assert logged(session, "&from=2026-03-14T15:09:27Z") == []
    assert len(logged(session, "&to=2026-03-14T15:09:27Z")) == 5
    assert_bad_request(session.get("/requests?failed=no+idea"), "failed must be true or false", "failed")


def test_requests_expire_although_their_rows_still_exist(cloud: Cloud, merchant: Api):
    request_id = merchant.post("/orders", {"amount": 0}).json_body["error"]["request_id"]
    cloud.time.shift(timedelta(days=DAYS, seconds=1))
    lines = shown(merchant.get("/requests"))["data"]
    assert request_id not in {line["id"] for line in lines}
    assert merchant.get(f"/requests/{request_id}").status_code == 404
    assert request_id in str(cloud.rows(TABLE))
    before = shown(merchant.get("/requests?from=2026-01-01T00:00:00Z"))["data"]
    assert request_id not in {line["id"] for line in before}


def test_a_merchant_reads_only_its_own_requests(merchant: Api, stranger: Api):
    request_id = merchant.post("/orders", {"amount": 0}).json_body["error"]["request_id"]
    response = stranger.get(f"/requests/{request_id}")
    assert response.status_code == 404
    description = response.json_body["error"]["description"]
    assert description.startswith("Request not found. The log contains the requests of the last 7 days")
    assert request_id not in {line["id"] for line in shown(stranger.get("/requests"))["data"]}


def test_a_log_that_does_not_respond_delays_a_request_by_one_short_attempt(
    cloud: Cloud, merchant: Api, aws_requests: list[str], monkeypatch: pytest.MonkeyPatch, log: Any
):
    quick = cloud.gateway.stores.api_requests._quick
    client = quick._get_connection().connection.client
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.5, 0.5)
    assert config.retries["total_max_attempts"] == 1

    def times_out(**_request: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(client, "_make_api_call", lambda *_: times_out())
    order = merchant.order()
    assert order["status"] == "created"
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    assert [line["problem"] for line in lines if line["message"] == NOT_LOGGED] == ["PutError"]
    assert request_line(log)["status"] == 201


def test_a_request_that_fails_unexpectedly_is_logged(
    merchant: Api, session: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(StatsService, "statistics", lambda *_: 1 / 0)
    assert merchant.get("/stats").status_code == 500
    (line,) = logged(session)
    assert (line["status"], line["error_code"]) == (500, "INTERNAL_SERVER_ERROR")


@pytest.mark.usefixtures("no_test_clocks")
def test_the_log_adds_one_request_to_aws(cloud: Cloud, merchant: Api, aws_requests: list[str]):
    merchant.order()
    aws_requests.clear()
    merchant.order()
    assert aws_requests == ["PutItem", "PutItem"]


def test_without_the_log_nothing_is_written_and_the_error_says_so(merchant: Api, aws_requests: list[str]):
    with new_cloud(REQUEST_LOG_DAYS="0") as off:
        aws_requests.clear()
        off.gateway.request_log.write(None)  # type: ignore[arg-type]
        with pytest.raises(RequestNotLoggedError) as refused:
            off.gateway.request_log.get("any", merchant.merchant_id)
        assert refused.value.description == "Request not found. The log of requests is off"
        assert aws_requests == []
