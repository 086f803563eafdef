"""The page to which a bank or an acquirer sends the buyer."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from chalice.test import HTTPResponse

from chalicelib.acquirers.base import ActionRequired, Declined
from chalicelib.api.return_pages import MAX_RELOADS
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import PaymentStatus
from chalicelib.jobs.messages import ProcessPayment, decode
from chalicelib.services.returns import CHECK_EVERY
from tests.api.client import UPI, Api, Json, made, shown
from tests.cloud import Cloud

SHOP = "https://shop.example"
THANKS = f"{SHOP}/thanks?cart=7&note='a';b"


@pytest.fixture(autouse=True)
def _restored(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    """The acquirer is shared by the tests of the module."""
    monkeypatch.setattr(cloud.acquirer, "script", [])


def see(merchant: Api, payment: Json, query: str = "", *, status: int = 200) -> str:
    response = visit(merchant, payment["id"], query)
    assert response.status_code == status, response.body
    return response.body.decode()


def visit(merchant: Api, payment_id: str, query: str = "") -> HTTPResponse:
    response = merchant.http.get(f"/api/v1/payments/{payment_id}/return{query}")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response


def heading(page: str) -> str:
    [text] = re.findall(r"<h1>(.*?)</h1>", page)
    return unescape(text)


def refresh(page: str) -> tuple[int, str] | None:
    """After how many seconds the page opens which address."""
    found = re.findall(r'<meta http-equiv="refresh" content="(\d+); url=(.*?)">', page)
    return (int(found[0][0]), unescape(found[0][1])) if found else None


@pytest.fixture
def waiting(cloud: Cloud, merchant: Api) -> Callable[..., Json]:
    """A function that creates a payment that waits for its buyer."""

    def create(**fields: str) -> Json:
        expires_at = cloud.gateway.clock() + timedelta(minutes=30)
        action = NextAction(type=ActionType.REDIRECT, url="https://pay.example/c/1", expires_at=expires_at)
        payment = made(merchant.post("/payments", {"order_id": merchant.order()["id"], **UPI, **fields}))
        assert cloud.gateway.payments.payments.require_action(
            payment["id"], action, reference="cs_1", now=cloud.gateway.clock()
        )
        return payment

    return create


def single_checks(cloud: Cloud, payment: Json) -> list[ProcessPayment]:
    bodies = cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    jobs = [decode(body, ProcessPayment) for body in bodies]
    return [job for job in jobs if job.payment_id == payment["id"] and job.once]


def test_while_there_is_no_outcome_the_page_reloads_itself(merchant: Api, waiting: Callable[..., Json]):
    payment = waiting()
    page = see(merchant, payment, "?payment_intent=pi_1&redirect_status=succeeded")
    assert heading(page) == "Waiting for the result"
    assert refresh(page) == (2, "?reloads=1")
    assert refresh(see(merchant, payment, "?reloads=1")) == (2, "?reloads=2")
    assert "pi_1" not in page


@pytest.mark.parametrize("reloads", [MAX_RELOADS, MAX_RELOADS + 1, 9_999])
def test_the_page_stops_reloading(merchant: Api, waiting: Callable[..., Json], reloads: int):
    page = see(merchant, waiting(), f"?reloads={reloads}")
    assert refresh(page) is None
    assert "Do not pay again" in page
    assert 'href="?"' in page


@pytest.mark.parametrize("reloads", ["", "-1", "x", "1e9", "99999", "%00", "\u0665"])
def test_a_count_that_is_not_valid_is_zero(merchant: Api, waiting: Callable[..., Json], reloads: str):
    assert refresh(see(merchant, waiting(), f"?reloads={reloads}")) == (2, "?reloads=1")


def test_the_outcome_without_a_page_of_the_shop(cloud: Cloud, merchant: Api):
    paid = merchant.payment()
    cloud.run(for_s=15)
    page = see(merchant, paid)
    assert heading(page) == "Payment successful"
    assert "You paid ₹500.00. You can close this page. The shop shows the result." in page
    assert refresh(page) is None
    assert "<a " not in page


def test_a_declined_payment_has_the_text_for_the_buyer(cloud: Cloud, merchant: Api):
    text = "Your account does not have <enough> money"
    cloud.acquirer.script = [Declined(code=DeclineCode.INSUFFICIENT_FUNDS, description=text)] * 100
    payment = merchant.payment()
    cloud.run(for_s=15)
    page = see(merchant, payment)
    assert heading(page) == "Payment failed"
    assert "does not have &lt;enough&gt; money. You were not charged." in page
    assert "<enough>" not in page


@pytest.mark.parametrize("approves", [True, False])
def test_the_outcome_leads_to_the_page_of_the_shop_with_a_signature(
    cloud: Cloud, merchant: Api, approves: bool
):
    shown(merchant.put("/merchants/me/return-origins", {"origins": [SHOP]}))
    payment = merchant.payment(return_url=THANKS)
    assert "shop.example" not in see(merchant, payment)
    cloud.acquirer.approves = approves
    cloud.run(for_s=15)
    page = see(merchant, payment)
    public = shown(merchant.anonymous.get(f"/payments/{payment['id']}/public"))
    assert refresh(page) == (2, public["return_url"])
    assert public["return_url"].startswith(f"{THANKS}&payment_id={payment['id']}&")
    [link] = re.findall(r'<a [^>]*href="([^"]+)"', page)
    assert unescape(link) == public["return_url"]
    assert "Continue to shop.example" in page


def test_the_shop_of_a_deactivated_merchant_is_not_opened(cloud: Cloud, merchant: Api):
    shown(merchant.put("/merchants/me/return-origins", {"origins": [SHOP]}))
    payment = merchant.payment(return_url=THANKS)
    cloud.run(for_s=15)
    cloud.gateway.onboarding.deactivate(merchant.merchant_id)
    cloud.gateway.merchants._cache.clear()
    page = see(merchant, payment)
    assert heading(page) == "Payment successful"
    assert "shop.example" not in page


@pytest.mark.parametrize("payment_id", ["pay_0000000000000000", "x", "pay_" + "a" * 500, "%3Cb%3E"])
def test_an_unknown_payment_has_a_page(merchant: Api, payment_id: str):
    response = visit(merchant, payment_id)
    assert response.status_code == 404
    assert heading(response.body.decode()) == "Payment not found"
    assert b"<b>" not in response.body


def test_the_page_loads_nothing_and_is_shown_in_no_frame(merchant: Api, waiting: Callable[..., Json]):
    response = visit(merchant, waiting()["id"])
    page, headers = response.body.decode(), response.headers
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", f"style-src 'sha256-{digest}'", "script-src 'none'"} <= set(policy)
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"] == "no-store"
    assert "<script" not in page
    assert 'src="' not in page


def test_the_page_contains_nothing_private(cloud: Cloud, merchant: Api):
    payment = merchant.payment(vpa="asha.rao@bank")
    cloud.run(for_s=15)
    row = shown(merchant.get(f"/payments/{payment['id']}"))
    page = see(merchant, payment)
    for private in ("asha.rao", row["acquirer"], row["acquirer_reference"], merchant.merchant_id):
        assert private not in page


def test_production_has_the_page(cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(cloud.gateway.settings), "is_production", True)
    assert heading(see(merchant, merchant.payment())) == "Waiting for the result"


def test_a_visit_checks_the_status_once_in_a_while(cloud: Cloud, merchant: Api, waiting: Callable[..., Json]):
    payment = waiting()
    for _ in range(5):
        see(merchant, payment)
    [job] = single_checks(cloud, payment)
    assert (job.once, job.checks, job.reference, job.due_at) == (True, 1, "cs_1", cloud.gateway.clock())
    cloud.time.shift(CHECK_EVERY - timedelta(milliseconds=1))
    see(merchant, payment)
    assert len(single_checks(cloud, payment)) == 1
    cloud.time.shift(timedelta(milliseconds=1))
    see(merchant, payment)
    see(merchant, payment)
    assert len(single_checks(cloud, payment)) == 2


@pytest.mark.usefixtures("no_test_clocks")
def test_a_visit_reads_once_and_claims_the_check(
    merchant: Api, waiting: Callable[..., Json], aws_requests: list[str]
):
    payment = waiting()
    aws_requests.clear()
    see(merchant, payment)
    assert aws_requests == ["GetItem", "UpdateItem", "SendMessageBatch"]
    aws_requests.clear()
    see(merchant, payment)
    assert aws_requests == ["GetItem", "UpdateItem"]


def test_a_visit_settles_the_payment_without_waiting_for_the_next_poll(
    cloud: Cloud, merchant: Api, waiting: Callable[..., Json]
):
    payment = waiting()
    see(merchant, payment)
    cloud.run()
    assert heading(see(merchant, payment)) == "Payment successful"
    assert single_checks(cloud, payment) == []


def test_a_check_without_an_outcome_changes_nothing(
    cloud: Cloud, merchant: Api, waiting: Callable[..., Json]
):
    payment = waiting()
    stored = cloud.gateway.payments.get(payment["id"])
    assert stored.next_action
    cloud.acquirer.script = [ActionRequired(reference="cs_1", action=stored.next_action)] * 100
    see(merchant, payment)
    cloud.run()
    assert cloud.gateway.payments.get(payment["id"]) == stored
    assert single_checks(cloud, payment) == []


def test_a_visit_causes_no_event(cloud: Cloud, merchant: Api, waiting: Callable[..., Json]):
    payment = waiting()
    cloud.relay_all()
    before = shown(merchant.get("/events"))["data"]
    see(merchant, payment)
    cloud.relay_all()
    assert shown(merchant.get("/events"))["data"] == before
    assert shown(merchant.get(f"/payments/{payment['id']}"))["status"] == "pending"


def test_a_payment_that_waits_for_no_buyer_is_not_checked(cloud: Cloud, merchant: Api):
    pending, settled = merchant.payment(), merchant.payment()
    cloud.gateway.payments.payments.settle(
        settled["id"],
        settled["order_id"],
        PaymentStatus.SUCCESS,
        decline=None,
        now=cloud.gateway.clock(),
    )
    for payment in (pending, settled):
        see(merchant, payment)
        assert single_checks(cloud, payment) == []


def test_a_payment_that_is_settled_during_the_visit_is_not_checked(
    cloud: Cloud, merchant: Api, waiting: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
):
    payment = waiting()
    stored = cloud.gateway.payments.get(payment["id"])
    cloud.run(for_s=15)  # the payment's own job settles it
    monkeypatch.setattr(type(cloud.gateway.payments), "get", lambda *_: stored)
    see(merchant, payment)
    assert single_checks(cloud, payment) == []


def test_a_visit_that_ends_before_its_check_is_sent_is_followed_by_another(
    cloud: Cloud, merchant: Api, waiting: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
):
    payment = waiting()
    with monkeypatch.context() as patched:
        patched.setattr(cloud.gateway.queues.payments.client, "send_message_batch", _dies)
        assert merchant.http.get(f"/api/v1/payments/{payment['id']}/return").status_code == 500
    cloud.time.shift(CHECK_EVERY)
    see(merchant, payment)
    assert len(single_checks(cloud, payment)) == 1


def _dies(**_: object) -> None:
    raise ConnectionError


def test_a_buyer_who_left_the_page_of_the_acquirer_can_go_back_to_it(merchant: Api, waiting):
    page = see(merchant, waiting())
    assert re.findall(r'<a class="button" href="(.*?)"', page) == ["https://pay.example/c/1"]
    assert "Not finished? Go back" in page


def test_a_payment_without_a_page_has_no_way_back(merchant: Api):
    payment = made(merchant.post("/payments", {"order_id": merchant.order()["id"], **UPI}))
    assert "<a " not in see(merchant, payment)


@pytest.mark.parametrize(("stage", "is_shown"), [("dev", True), ("prod", False)])
def test_the_page_says_outside_production_that_no_money_moves(
    cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch, stage: str, is_shown: bool
):
    monkeypatch.setattr(cloud.gateway, "settings", replace(cloud.gateway.settings, stage=stage))
    page = see(merchant, merchant.payment())
    assert ("Test mode: no money moves" in page) == is_shown
