"""Which acquirer serves which payment of which merchant, and its credentials."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ATTENTION
from chalicelib.acquirers.credentials import CACHE_LIFE, CredentialsError, CredentialStore
from chalicelib.acquirers.registry import UnknownAcquirerError
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.idempotency import AlreadyCreatedError
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import parse_card
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.jobs.messages import ProcessPayment, ProcessRefund, decode, encode
from chalicelib.observability import logger
from chalicelib.services.new_payment import NewPayment
from chalicelib.workers.acquirer_jobs import process_payments, process_refunds
from tests.cloud import MAX_RECEIVES, VISIBILITY_TIMEOUT_S, Cloud
from tests.services.shop import MERCHANT, MERCHANT_ID, idempotency, order, paid, pay, refund

KEY = {"key": "sk_live_4f9a"}
ROUTED = replace(MERCHANT, acquirers={PaymentMethod.UPI: "second"})


@pytest.fixture
def credentials(cloud: Cloud) -> CredentialStore:
    """The credentials of the merchant at the second acquirer."""
    store = cloud.gateway.acquirers.credentials
    store.put(MERCHANT_ID, "second", KEY)
    return store


def test_a_payment_uses_the_acquirer_of_its_method(cloud: Cloud, credentials: CredentialStore):
    payment = pay(cloud, merchant=ROUTED)
    cloud.run(for_s=15)
    settled = cloud.gateway.payments.get(payment.id)
    assert (settled.status, settled.acquirer) == (PaymentStatus.SUCCESS, "second")
    assert [one.idempotency_key for one in cloud.second.charges] == [f"charge:{payment.id}"]
    assert cloud.second.used == [KEY]
    assert cloud.acquirer.charges == []


def test_a_payment_keeps_its_acquirer_when_the_merchant_gets_another_one(
    cloud: Cloud, credentials: CredentialStore
):
    cloud.gateway.onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.UPI, "second")
    payment = pay(cloud, merchant=ROUTED)
    cloud.gateway.onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.UPI, "simulated")
    cloud.run(for_s=15)
    made = refund(cloud, payment.id, 20_000)
    cloud.run(for_s=15)
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert len(cloud.second.refunds) == 1
    assert cloud.acquirer.refunds == []


def test_a_merchant_without_a_routing_uses_the_simulated_acquirer(cloud: Cloud):
    assert [MERCHANT.acquirer_of(method) for method in PaymentMethod] == ["simulated"] * 2
    assert cloud.gateway.payments.get(paid(cloud).id).acquirer == "recording"


def test_the_row_of_a_merchant_has_its_acquirers(cloud: Cloud):
    onboarding = cloud.gateway.onboarding
    assert onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.CARD, "a").acquirers == {
        PaymentMethod.CARD: "a"
    }
    onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.UPI, "b")
    changed = onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.CARD, "c")
    assert changed.acquirers == {PaymentMethod.CARD: "c", PaymentMethod.UPI: "b"}
    assert cloud.gateway.merchants.get(MERCHANT_ID) == changed


def test_a_method_that_the_acquirer_does_not_support_is_rejected(cloud: Cloud):
    card = parse_card(
        number="4111111111111111", expiry_month="12", expiry_year="2030", cvv="737", holder_name="Asha Rao"
    )
    merchant = replace(MERCHANT, acquirers={PaymentMethod.CARD: "second"})
    with pytest.raises(BadRequestError, match="Invalid payment method") as rejected:
        cloud.gateway.payments.create(merchant, order(cloud), NewPayment(details=card), idempotency())
    assert rejected.value.field == "method"
    assert cloud.rows(cloud.gateway.settings.tables.payments) == []


def test_a_repeated_request_has_its_response_although_the_method_is_not_supported_any_more(cloud: Cloud):
    of = order(cloud)
    pay(cloud, of=of, key="k")
    cloud.second.methods = frozenset()
    with pytest.raises(AlreadyCreatedError):
        pay(cloud, of=of, key="k", merchant=ROUTED)


def test_the_upi_flows_are_those_of_the_merchants_acquirer(cloud: Cloud):
    payments = cloud.gateway.payments
    assert payments.upi_flows(ROUTED) == frozenset(UpiFlow)
    cloud.second.methods = frozenset({PaymentMethod.CARD})
    assert payments.upi_flows(ROUTED) == frozenset()
    assert payments.upi_flows(MERCHANT) == frozenset(UpiFlow)


def failing(cloud: Cloud, job: ProcessPayment | ProcessRefund) -> None:
    """Assert that the job is retried."""
    handler = process_payments if isinstance(job, ProcessPayment) else process_refunds
    answer = handler(cloud.gateway, [{"messageId": "1", "body": encode(job)}])
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.parametrize("acquirer", ["unknown", "second"])
def test_a_job_is_retried_while_its_acquirer_or_its_credentials_are_missing(
    cloud: Cloud, acquirer: str, monkeypatch: pytest.MonkeyPatch
):
    payment = paid(cloud)
    waiting = pay(cloud)
    cloud.time.shift(15)
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    failing(cloud, ProcessPayment.of(replace(waiting, acquirer=acquirer)))
    made = refund(cloud, payment.id, 1)
    cloud.time.shift(15)
    failing(cloud, ProcessRefund.of(made, replace(payment, acquirer=acquirer)))
    assert cloud.gateway.payments.get(waiting.id).status is PaymentStatus.PENDING
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PENDING
    problem = {
        "unknown": f"acquirer unknown of merchant {MERCHANT_ID} is not registered",
        "second": f"merchant {MERCHANT_ID} has no valid credentials at acquirer second",
    }[acquirer]
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    found = [(one["level"], one["problem"]) for one in entries if one["message"] == ATTENTION]
    assert found == [("ERROR", problem)] * 2


def test_a_job_without_credentials_becomes_a_dead_letter_and_settles_after_its_redrive(cloud: Cloud):
    queues = cloud.gateway.settings.queues.payments
    payment = pay(cloud, merchant=ROUTED)
    cloud.run(for_s=MAX_RECEIVES * VISIBILITY_TIMEOUT_S + 60)
    (letter,) = cloud.messages(queues.dead_letters)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", KEY)
    cloud.sqs.send_message(QueueUrl=queues.jobs, MessageBody=letter)
    cloud.run(for_s=1)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_a_failed_job_succeeds_when_the_credentials_exist(cloud: Cloud):
    payment = pay(cloud, merchant=ROUTED)
    cloud.run(for_s=20)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", KEY)
    cloud.run(for_s=120)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_jobs_of_the_version_with_one_acquirer_use_the_simulated_one(cloud: Cloud):
    waiting = pay(cloud)
    old = json.loads(encode(ProcessPayment.of(waiting)))
    text = json.dumps({key: old[key] for key in old.keys() - {"acquirer", "merchant_id", "once"}})
    assert decode(text, ProcessPayment).acquirer is None
    cloud.time.shift(15)
    assert process_payments(cloud.gateway, [{"messageId": "1", "body": text}]) == {"batchItemFailures": []}
    settled = cloud.gateway.payments.get(waiting.id)
    assert settled.status is PaymentStatus.SUCCESS
    made = refund(cloud, waiting.id, 1)
    old = json.loads(encode(ProcessRefund.of(made, settled)))
    text = json.dumps({key: old[key] for key in old.keys() - {"acquirer", "once"}})
    cloud.time.shift(15)
    assert process_refunds(cloud.gateway, [{"messageId": "1", "body": text}]) == {"batchItemFailures": []}
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED


def test_an_unknown_acquirer_is_named(cloud: Cloud):
    with pytest.raises(UnknownAcquirerError, match=f"acquirer third of merchant {MERCHANT_ID} is not"):
        cloud.gateway.acquirers.of("third", MERCHANT_ID)


def test_credentials_are_encrypted_and_cached_for_five_minutes(cloud: Cloud, credentials: CredentialStore):
    assert cloud.parameter(f"/test/acquirers/{MERCHANT_ID}/second")["Type"] == "SecureString"
    requests: list[str] = []
    cloud.count_requests(requests)
    for _ in range(2):
        assert credentials.get(MERCHANT_ID, "second") == KEY
    assert requests == ["ssm.GetParameter"]
    cloud.time.shift(CACHE_LIFE + timedelta(seconds=1))
    credentials.get(MERCHANT_ID, "second")
    assert requests == ["ssm.GetParameter"] * 2


def test_missing_credentials_are_cached_too(cloud: Cloud):
    """Notifications with a wrong signature must not use up the requests to SSM."""
    store = cloud.gateway.acquirers.credentials
    requests: list[str] = []
    cloud.count_requests(requests)
    for _ in range(2):
        with pytest.raises(CredentialsError, match=f"merchant {MERCHANT_ID} .* acquirer second"):
            store.get(MERCHANT_ID, "second")
    assert requests == ["ssm.GetParameter"]


@pytest.mark.parametrize(
    "value", ["no JSON sk_live", '["sk_live"]', '{"key": 1, "a": "sk_live"}', '{"key": ""}']
)
def test_invalid_credentials_are_an_error_without_their_values(cloud: Cloud, value: str):
    cloud.put_parameter(f"/test/acquirers/{MERCHANT_ID}/second", value)
    with pytest.raises(CredentialsError) as error:
        cloud.gateway.acquirers.credentials.get(MERCHANT_ID, "second")
    assert "sk_live" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_credentials_of_another_merchant_or_acquirer_are_not_used(cloud: Cloud, credentials: CredentialStore):
    for merchant_id, acquirer in (("another", "second"), (MERCHANT_ID, "simulated")):
        with pytest.raises(CredentialsError):
            credentials.get(merchant_id, acquirer)
    assert "sk_live" not in repr(credentials)
