"""``POST /test/declines``: the next payments of a merchant fail with a code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import Approved, AuthorizeRequest, Declined
from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.api.declines import MAX_COUNT
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.settings import AcquirerSettings
from chalicelib.store.planned_declines import MAX_PLANNED
from tests.api.client import Api, assert_bad_request, assert_error, card, made, shown
from tests.cloud import START, Cloud

DUE_AFTER_S = 11  # longer than the processing delay
SETTINGS = AcquirerSettings(
    test_mode=True, test_payment_success=True, upi_success_rate=1, card_success_rate=1
)


@pytest.fixture
def simulated(cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch) -> SimulatedAcquirer:
    """The simulated acquirer of ``merchant``, in test mode."""
    gateway = cloud.gateway
    monkeypatch.setattr(gateway, "settings", replace(gateway.settings, acquirer=SETTINGS))
    bank = SimulatedBank(
        charges=gateway.stores.charges, declines=gateway.stores.declines, api_url="", clock=gateway.clock
    )
    credentials = MerchantCredentials(
        store=gateway.acquirers.credentials, merchant_id=merchant.merchant_id, acquirer="simulated"
    )
    acquirer = SimulatedAcquirer(SETTINGS, gateway.clock, bank, credentials)
    for name in ("tokenize", "authorize", "status"):
        monkeypatch.setattr(cloud.acquirer, name, getattr(acquirer, name))
    return acquirer


def outcome(cloud: Cloud, merchant: Api, **changes: object) -> str:
    """The decline code of a new payment, or its status if it has none."""
    payment = merchant.payment(**changes)
    cloud.run(for_s=DUE_AFTER_S)
    settled = shown(merchant.get(f"/payments/{payment['id']}"))
    return str(settled.get("decline_code") or settled["status"])


@pytest.mark.usefixtures("simulated")
def test_the_next_payments_fail_with_the_codes(cloud: Cloud, merchant: Api):
    assert made(merchant.post("/test/declines", {"code": "limit_exceeded"})) == {
        "planned": ["limit_exceeded"]
    }
    planned = made(merchant.post("/test/declines", {"code": "processing_error", "count": 2}))
    assert planned == {"planned": ["limit_exceeded", "processing_error", "processing_error"]}
    outcomes = [outcome(cloud, merchant) for _ in range(2)]
    outcomes += [outcome(cloud, merchant, vpa=None, **card()), outcome(cloud, merchant)]
    assert outcomes == ["limit_exceeded", "processing_error", "processing_error", "success"]


@pytest.mark.usefixtures("simulated")
def test_a_card_is_declined_without_a_body(cloud: Cloud, merchant: Api):
    made(merchant.post("/test/declines"))
    assert outcome(cloud, merchant) == "card_declined"


@pytest.mark.usefixtures("simulated")
def test_a_forced_outcome_uses_no_planned_decline(cloud: Cloud, merchant: Api):
    made(merchant.post("/test/declines", {"code": "fraud_suspected"}))
    assert outcome(cloud, merchant, vpa="norefund@upi") == "success"
    assert outcome(cloud, merchant, vpa="insufficientfunds@upi") == "insufficient_funds"
    assert outcome(cloud, merchant) == "fraud_suspected"


def test_the_acquirer_repeats_its_result(cloud: Cloud, merchant: Api, simulated: SimulatedAcquirer):
    """A charge is requested again after a crash, and a job can ask for its status."""
    early, late = (
        AuthorizeRequest(
            idempotency_key=f"charge:pay_{number}",
            method=PaymentMethod.UPI,
            token="buyer@bank",
            money=Money(50_000, "INR"),
            due_at=START + timedelta(seconds=number),
        )
        for number in range(2)
    )
    approved = simulated.authorize(early)
    assert isinstance(approved, Approved)
    cloud.time.move_to(START + timedelta(seconds=1))
    made(merchant.post("/test/declines"))
    assert [simulated.authorize(early), simulated.status(early, None)] == [approved, approved]
    declined = simulated.authorize(late)
    assert isinstance(declined, Declined)
    assert [simulated.authorize(late), simulated.status(late, None)] == [declined, declined]


def test_the_route_needs_test_mode(merchant: Api):
    assert_bad_request(
        merchant.post("/test/declines"),
        "Declines can be planned only in test mode. Start the gateway with TEST_MODE=true",
    )


def test_the_route_does_not_exist_in_production(cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch):
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage="prod"))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    assert_error(merchant.post("/test/declines"), 404, "NOT_FOUND_ERROR", "Route not found")


@pytest.mark.usefixtures("simulated")
@pytest.mark.parametrize(
    ("body", "field"),
    [({"code": "no_money"}, "code"), ({"count": 0}, "count"), ({"count": MAX_COUNT + 1}, "count")],
)
def test_a_wrong_body_names_its_field(merchant: Api, body: dict[str, object], field: str):
    error = merchant.post("/test/declines", body)
    assert (error.status_code, error.json_body["error"]["field"]) == (400, field)


@pytest.mark.usefixtures("simulated")
def test_too_many_declines_are_rejected(merchant: Api):
    for _ in range(MAX_PLANNED // MAX_COUNT):
        made(merchant.post("/test/declines", {"count": MAX_COUNT}))
    assert_bad_request(
        merchant.post("/test/declines"),
        f"At most {MAX_PLANNED} declines can be planned until a day after the last one",
        "count",
    )
