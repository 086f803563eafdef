"""Payments that wait for an action of the buyer, and approvals that arrive too late."""

from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, Declined, Result
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.next_action import ActionType, NextAction
from tests.cloud import Cloud
from tests.contract.in_process import InProcessApi
from tests.e2e.api import Json

ACTION_FOR = timedelta(minutes=10)
AFTER_S = 2 * 3_600


@pytest.mark.contract("8", "payment.requires_action", "payment.late_authorized")
@pytest.mark.parametrize(
    "case",
    [
        (ActionType.REDIRECT, "url", "authentication_expired"),
        (ActionType.UPI, "link", "expired"),
    ],
)
def test_an_action_expires_and_a_late_approval_is_returned(
    cloud: Cloud, merchant: InProcessApi, monkeypatch, case: tuple[ActionType, str, str]
):
    type_, where, code = case
    expires_at = cloud.gateway.clock() + ACTION_FOR
    action = NextAction(type=type_, url="https://bank.example/confirm", expires_at=expires_at)
    required = ActionRequired(reference="ref_1", action=action)
    answer(cloud, monkeypatch, required)
    payment = merchant.payment()
    merchant.run()

    waiting, public = shown(merchant, payment), shown(merchant.anonymous, payment, "/public")
    assert waiting["status"] == "pending"
    assert waiting["next_action"] == public["next_action"]
    assert waiting["next_action"]["type"] == type_
    assert waiting["next_action"][where] == "https://bank.example/confirm"
    assert waiting["next_action"].keys() >= {"type", where, "expires_at"}

    cloud.run(for_s=int(ACTION_FOR.total_seconds()))
    failed = shown(merchant, payment)
    assert (failed["status"], failed["decline_code"], failed["retry"]) == ("failed", code, "later")
    assert "next_action" not in failed

    answer(cloud, monkeypatch, Approved(reference="ref_1"))
    cloud.run(for_s=AFTER_S)
    assert shown(merchant, payment)["status"] == "failed"
    events = merchant.get("/events").json()["data"]
    assert [event["type"] for event in events] == [
        "payment.created",
        "payment.pending",
        "payment.requires_action",
        "payment.failed",
        "payment.late_authorized",
    ]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert events[2]["data"]["payment"]["next_action"] == waiting["next_action"]


def answer(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, result: Result) -> None:
    """The acquirer returns ``result`` for the payment, and confirms that it is cancelled."""
    cancelled = Declined(code=DeclineCode.CARD_DECLINED, description="Cancelled")
    monkeypatch.setattr(cloud.acquirer, "authorize", lambda request: result)
    monkeypatch.setattr(cloud.acquirer, "status", lambda request, reference: result)
    monkeypatch.setattr(cloud.acquirer, "void", lambda request, reference: cancelled)


def shown(merchant: InProcessApi, payment: Json, path: str = "") -> Json:
    response = merchant.get(f"/payments/{payment['id']}{path}")
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found
