"""Least privilege: a role grants exactly the permissions that its function uses."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from chalice.test import Client

import app
from chalicelib.acquirers.base import ActionRequired, AuthorizeRequest, Declined
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.domain.clock import utc_now
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.money import Money
from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_health import EXAMINED, Results
from chalicelib.services import merchant_clocks
from chalicelib.services.onboarding import (
    TEST_API_KEY,
    TEST_API_SECRET,
    TEST_EMAIL,
    TEST_MERCHANT_ID,
    TEST_PASSWORD,
)
from chalicelib.workers.acquirer_jobs import process_payments, process_refunds
from chalicelib.workers.streams import record_events, relay_changes
from chalicelib.workers.webhook_jobs import deliver_slow_webhooks, deliver_webhooks
from infra.stage import Stage
from infra.template import build_template
from infra.template.lambdas import LAMBDAS
from infra.template.roles import role_id
from tests.api.client import UPI, Api, Json, made, shown
from tests.cloud import CREDENTIALS, MAX_ROUNDS, NOTIFICATION_SECRET, Cloud, cloud, with_request_ids
from tests.domain.examples import webhook_log
from tests.infra.permissions import Recorder, granted, needed_by_lambda
from tests.rounds import rounds
from tests.sleeping import replace_sleep

Workload = Callable[[Cloud, Recorder, Api], object]

LONG_ENOUGH_S = 30  # longer than every wait of this test
PURGE_INTERVAL_S = 61  # SQS purges a queue once a minute
WORKERS = {
    "payments": ("PaymentWorker", process_payments),
    "refunds": ("RefundWorker", process_refunds),
    "webhooks": ("WebhookWorker", deliver_webhooks),
    "slow_webhooks": ("SlowWebhookWorker", deliver_slow_webhooks),
}


@pytest.fixture(scope="module")
def used() -> dict[str, set[str]]:
    """The permissions that each function used in one run of the complete workload."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with with_request_ids(), cloud(WEBHOOK_RETRY_INTERVALS_TEST="true", REQUEST_LOG_DAYS="7") as world:
            return _used_by(_run_workload, world, patch)


def _used_by(workload: Workload, world: Cloud, patch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The permissions that each function used."""
    world.gateway.onboarding.seed_test_merchant()
    patch.setattr("chalicelib.api.routing.gateway", lambda: world.gateway)
    recorder = Recorder(world.gateway.settings)
    credentials = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
    merchant = Api(Client(app.app).http, credentials=credentials)
    with recorder.running():
        workload(world, recorder, merchant)
    return recorder.used


def _run_workload(world: Cloud, recorder: Recorder, merchant: Api) -> None:
    payment = _pay_and_refund(world, recorder, merchant)
    _ask_buyers(world, recorder, merchant)
    _disable_endpoints(world, recorder, merchant)
    with recorder.acting_as("APIHandler"):
        refund = merchant.refund(payment["id"])
        _use_every_route(merchant, payment, refund)
    _move_clock(world, recorder, merchant)
    _work_off(world, recorder)


def _pay_and_refund(world: Cloud, recorder: Recorder, merchant: Api) -> Json:
    """A payment after a refund of another one that was captured. The first webhook attempt fails."""
    world.sender.script.append(500)
    with recorder.acting_as("APIHandler"):
        shown(merchant.put("/webhooks/config", {"webhook_url": "https://shop.example/webhook"}))
        payment, reserved = merchant.payment(), merchant.payment(capture="manual")
    _use_credentials(world, recorder, merchant)
    _work_off(world, recorder)
    with recorder.acting_as("APIHandler"):
        shown(merchant.post(f"/payments/{reserved['id']}/capture"))
        merchant.refund(reserved["id"])
    _work_off(world, recorder)
    return payment


def _ask_buyers(world: Cloud, recorder: Recorder, merchant: Api) -> None:
    """Let the simulated acquirer wait for two buyers: one declines, the other does not answer."""
    bank = SimulatedBank(charges=world.gateway.bank.charges, api_url="", clock=world.gateway.clock)
    acquirer = SimulatedAcquirer(world.gateway.settings.acquirer, world.gateway.clock, bank)
    for answers in (True, False):
        payment = merchant.payment()
        request = AuthorizeRequest(
            idempotency_key=f"charge:{payment['id']}",
            method=PaymentMethod.UPI,
            token="",
            money=Money(payment["amount"], payment["currency"]),
            flow=UpiFlow.QR,
        )
        with recorder.acting_as("PaymentWorker"):
            required = acquirer.authorize(request)
            assert isinstance(required, ActionRequired)
            assert acquirer.status(request, required.reference) == required
        path = urlsplit(required.action.simulator_url or "").path
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return_path = f"/api/v1/payments/{payment['id']}/return"
        world.gateway.payments.payments.require_action(
            payment["id"], required.action, reference=required.reference, now=world.gateway.clock()
        )
        with recorder.acting_as("APIHandler"):
            assert merchant.http.get(return_path).status_code == 200  # sends a check
            assert merchant.http.get(path).status_code == 200
            if answers:
                answered = merchant.http.post(path, headers=form, body=b"decision=decline")
                assert answered.status_code == 303
        with recorder.acting_as("PaymentWorker"):
            assert isinstance(acquirer.void(request, required.reference), Declined)


def _move_clock(world: Cloud, recorder: Recorder, merchant: Api) -> None:
    """Advance the clock over a first and a later attempt of a webhook."""
    world.gateway.onboarding.set_acquirer(TEST_MERCHANT_ID, PaymentMethod.UPI, DEFAULT_ACQUIRER)
    for attempts in (0, 1):
        log = webhook_log(
            id=str(uuid4()), merchant_id=TEST_MERCHANT_ID, attempts=attempts, next_retry_at=utc_now()
        )
        assert world.gateway.relay.logs.create(log)
    with pytest.MonkeyPatch.context() as patch, recorder.acting_as("APIHandler"):
        replace_sleep(patch, merchant_clocks, world.time.shift)  # the workers do not run meanwhile
        assert shown(merchant.get("/test/clock"))["status"] == "idle"
        assert shown(merchant.post("/test/clock", {"advance": "1m"}))["status"] == "advancing"


def _use_credentials(world: Cloud, recorder: Recorder, merchant: Api) -> None:
    """Pay and refund with an acquirer that needs credentials, and notify the gateway of both."""
    credentials, onboarding = world.gateway.acquirers.credentials, world.gateway.onboarding
    credentials.put(TEST_MERCHANT_ID, "second", {"key": "k"})
    onboarding.set_acquirer(TEST_MERCHANT_ID, PaymentMethod.UPI, "second")
    world.gateway.merchants._cache.clear()
    payment = merchant.payment()
    onboarding.set_acquirer(TEST_MERCHANT_ID, PaymentMethod.UPI, "simulated")
    world.gateway.merchants._cache.clear()
    _notify(recorder, merchant, payment_ids=[payment["id"]])
    _work_off(world, recorder)
    refund = merchant.refund(payment["id"])
    _notify(recorder, merchant, refund_ids=[refund["id"]])


def _notify(recorder: Recorder, merchant: Api, **ids: list[str]) -> None:
    body = {"secret": NOTIFICATION_SECRET, **ids}
    with recorder.acting_as("APIHandler"):
        path = f"/acquirers/second/notifications/{TEST_MERCHANT_ID}"
        shown(merchant.anonymous.post(path, body))


def _disable_endpoints(world: Cloud, recorder: Recorder, merchant: Api) -> None:
    """Let each webhook worker disable an endpoint that fails for days, and announce it to the default one."""
    merchant.patch("/webhooks/endpoints/default", {"events": ["*"]})
    for function, handler in (WORKERS["webhooks"], WORKERS["slow_webhooks"]):
        url = f"https://{function.lower()}.example/"
        endpoint = made(merchant.post("/webhooks/endpoints", {"url": url}))
        key = EndpointKey(TEST_MERCHANT_ID, endpoint["id"])
        for days in range(1, EXAMINED.days):
            at = world.gateway.clock() - timedelta(days=days)
            world.gateway.endpoint_health.health.add(key, Results(failed=1, last_failure_at=at), at=at)
        world.sender.script_of[url] = [500] * 10
        made(merchant.post(f"/webhooks/endpoints/{endpoint['id']}/test"))
        world.relay_all()
        bodies = world.messages(world.gateway.settings.queues.webhooks.jobs)
        world.sender.takes_s = 2  # the endpoint becomes slow
        with recorder.acting_as(function):
            handler(world.gateway, [{"messageId": body, "body": body} for body in bodies])
        world.sender.takes_s = 0
        assert shown(merchant.get(f"/webhooks/endpoints/{endpoint['id']}"))["status"] == "disabled"


def _work_off(world: Cloud, recorder: Recorder) -> None:
    """Relay and run jobs until nothing changes, then delete them. Messages arrive early and repeatedly."""
    has_rested = False
    for _ in rounds("nothing changes", at_most=MAX_ROUNDS):
        if records := world.stream_records():
            with recorder.acting_as("Relay"):
                relay_changes(world.gateway, records)
            with recorder.acting_as("Recorder"):
                record_events(
                    world.gateway, [one for one in records if "-payments/" in one["eventSourceARN"]]
                )
        elif has_rested:
            break
        else:
            world.time.shift(LONG_ENOUGH_S)
        has_rested = not records
        _work(world, recorder)
    world.time.shift(PURGE_INTERVAL_S)
    for name in WORKERS:
        world.sqs.purge_queue(QueueUrl=getattr(world.gateway.settings.queues, name).jobs)


def _work(world: Cloud, recorder: Recorder) -> None:
    for name, (function, handler) in WORKERS.items():
        bodies = set(world.messages(getattr(world.gateway.settings.queues, name).jobs))
        bodies |= {_without_order(body) for body in bodies}
        if name == "webhooks":  # earlier versions sent the jobs of all attempts to this queue
            bodies |= set(world.messages(world.gateway.settings.queues.slow_webhooks.jobs))
        world.gateway.acquirers.credentials._cache.clear()  # each function has its own
        with recorder.acting_as(function):
            handler(world.gateway, [{"messageId": body, "body": body} for body in bodies])


def _without_order(body: str) -> str:
    """The message of an earlier version, in which a payment job did not contain its order."""
    return json.dumps({name: value for name, value in json.loads(body).items() if name != "order_id"})


def _use_every_route(merchant: Api, payment: Json, refund: Json) -> None:
    for list_ in ("orders", "payments", "refunds", "webhooks"):
        shown(merchant.get(f"/{list_}"))
    shown(merchant.get(f"/payments?order_id={payment['order_id']}"))
    shown(merchant.get(f"/refunds?payment_id={payment['id']}"))
    shown(merchant.get(f"/webhooks?payment_id={payment['id']}"))
    request = shown(merchant.get("/requests"))["data"][0]
    shown(merchant.get(f"/requests/{request['id']}"))
    shown(merchant.get(f"/requests?payment_id={payment['id']}"))
    shown(merchant.get("/stats?days=1"))
    shown(merchant.get("/summary"))
    for kind in ("payments", "refunds", "events"):
        assert len(merchant.get(f"/exports/{kind}").body.splitlines()) > 1
    event = shown(merchant.get("/events"))["data"][0]
    shown(merchant.get(f"/events/{event['id']}"))
    shown(merchant.get(f"/orders/{payment['order_id']}"))
    shown(merchant.get(f"/payments/{payment['id']}"))
    shown(merchant.get(f"/refunds/{refund['id']}"))
    shown(merchant.post(f"/payments/{payment['id']}/capture"))
    made(merchant.post("/orders", {"amount": 100}, key="once"))
    refused = merchant.post("/orders", {"amount": 100, "expires_at": "2020-01-01T00:00:00Z"}, key="once")
    assert refused.status_code == 422  # another request, which reads the key
    made(merchant.post("/payments", {"order_id": payment["order_id"], **UPI}, key="once"))
    made(merchant.post(f"/payments/{payment['id']}/refunds", {"amount": 1}, key="once"))
    log = shown(merchant.get("/webhooks"))["data"][0]
    shown(merchant.get(f"/webhooks/{log['id']}"))
    shown(merchant.post(f"/webhooks/{log['id']}/retry"))
    made(merchant.post("/webhooks/test"))
    shown(merchant.get("/webhooks/config"))
    endpoint = made(merchant.post("/webhooks/endpoints", {"url": "https://other.example/"}, key="once"))
    shown(merchant.get("/webhooks/endpoints"))
    shown(merchant.post(f"/webhooks/endpoints/{endpoint['id']}/replay", {"since": "2026-03-01T00:00:00Z"}))
    shown(merchant.post(f"/webhooks/endpoints/{endpoint['id']}/lab", {"check": "valid"}))
    shown(merchant.delete(f"/webhooks/endpoints/{endpoint['id']}"))
    shown(merchant.post("/webhooks/secret/regenerate"))
    signed_in = made(merchant.anonymous.post("/sessions", {"email": TEST_EMAIL, "password": TEST_PASSWORD}))
    session = merchant.bearing(signed_in["token"])
    passwords = {"current_password": TEST_PASSWORD, "new_password": f"{TEST_PASSWORD} 2"}
    shown(session.put("/merchants/me/password", passwords))
    shown(session.delete("/sessions/others"))
    shown(session.delete("/sessions/current"))
    shown(merchant.http.get("/health"))
    shown(merchant.get("/test/jobs/status"))


@pytest.mark.parametrize("function", LAMBDAS)
def test_a_role_grants_exactly_the_permissions_of_its_function(used: dict[str, set[str]], function: str):
    resources = build_template(Stage("test"))["Resources"]
    needed = used[function] | needed_by_lambda(resources[function])
    grants = granted(resources[role_id(function)])
    assert sorted(grants - needed) == [], "granted and never used"
    assert sorted(needed - grants) == [], "used and not granted"


def test_the_roles_of_production_suffice_to_pay_and_refund(monkeypatch: pytest.MonkeyPatch):
    with cloud(STAGE="prod", TEST_MODE="false") as world:
        assert world.gateway.settings.is_production
        used = _used_by(_pay_and_refund, world, monkeypatch)
    resources = build_template(Stage("prod"))["Resources"]
    missing = {function: used[function] - granted(resources[role_id(function)]) for function in used}
    assert not any(missing.values()), missing
    assert used.keys() == LAMBDAS.keys()
