"""Scripts of merchants and buyers: short stories, for which every guarantee must hold with any faults."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from chalicelib.acquirers.simulated.values import DECLINED_TEST_CARD
from chalicelib.domain.webhook_endpoint import SECRET_OVERLAP, EndpointKey
from chalicelib.domain.webhook_health import DISABLE_AFTER, RETENTION, hour_of
from chalicelib.services.onboarding import TEST_EMAIL, TEST_MERCHANT_ID
from chalicelib.store.webhook_health import WebhookHealthRow
from chalicelib.webhooks.http import HttpResponse
from tests.simulation.faults import Edge
from tests.simulation.laboratory import URL
from tests.simulation.merchant import MAX_PAUSE_S, MAX_TRIES, PATIENCE_S, GaveUpError, Merchant, Request
from tests.simulation.outside import (
    ACTION_FOR,
    BANK,
    CHALLENGED,
    PENDING,
    UNCAPTURABLE,
    Message,
    Received,
    signed,
)
from tests.simulation.wire import NoAnswerError
from tests.simulation.world import World

CONFLICT = 409
AMOUNT = 50_000
SIGN_INS = 4  # each may be repeated after all others
LONG_ENOUGH_S = 5  # between two reads of a payment
HOUR_S = 3_600
MANUAL = "manual"
CLOSE_S = 7.5  # from the expiry of an action, when the gateway cancels the payment
ACCEPTED, REJECTED = 200, 400
UNANSWERED_S = 12.0  # of a request to the acquirer, which the gateway does not wait for
Json = dict[str, Any]
Script = Callable[[World], None]


def order(world: World, amount: int = AMOUNT) -> str:
    """Create an order; returns its id."""
    made = world.merchant.post("/orders", {"amount": amount}, key=world.merchant.new_key()).created
    assert made
    return str(made["id"])


def upi(world: World, name: str = "success") -> Json:
    """Pay by UPI, with a VPA that no other payment uses."""
    return {"method": "upi", "vpa": f"{name}@{world.merchant.new_key().replace('-', '')}"}


def card(number: str = "4111111111111111") -> Json:
    """Pay by card."""
    return {
        "method": "card",
        "card": {
            "number": number,
            "expiry_month": "12",
            "expiry_year": "2030",
            "cvv": "737",
            "holder_name": "Asha Rao",
        },
    }


def pay(world: World, by: Json, *, order_id: str | None = None, capture: str | None = None) -> str:
    """Create a payment; returns its id."""
    body = {"order_id": order_id or order(world), **by, **({"capture": capture} if capture else {})}
    made = world.merchant.post("/payments", body, key=world.merchant.new_key()).created
    assert made
    return str(made["id"])


def settled(world: World, payment_id: str) -> Json:
    """The payment, when it has its outcome."""
    while (payment := world.merchant.get(f"/payments/{payment_id}"))["status"] == "pending":
        world.scheduler.pause(LONG_ENOUGH_S)
    return payment


def paid(world: World, name: str = "success") -> str:
    """The id of a successful payment."""
    payment_id = pay(world, upi(world, name))
    assert settled(world, payment_id)["status"] == "success"
    return payment_id


def reserved(world: World, name: str = "success") -> str:
    """The id of a successful payment whose money is reserved."""
    payment_id = pay(world, upi(world, name), capture=MANUAL)
    assert settled(world, payment_id)["status"] == "success"
    return payment_id


def refund(world: World, payment_id: str, amount: int, *, key: str | None = None) -> Request:
    """Create a refund, by default with a new key."""
    return world.merchant.post(
        f"/payments/{payment_id}/refunds", {"amount": amount}, key=key or world.merchant.new_key()
    )


def assert_statuses(requests: list[Request], *expected: int) -> None:
    """Assert the statuses of concurrent requests, in any order."""
    statuses = sorted(request.response.status for request in requests)
    assert statuses == list(expected), f"racers received {statuses}"


def pays_by_upi(world: World) -> None:
    pay(world, upi(world))


def pays_by_card(world: World) -> None:
    pay(world, card())


def is_declined(world: World) -> None:
    pay(world, upi(world, "failure"))
    pay(world, card(DECLINED_TEST_CARD))


def pays_without_a_key(world: World) -> None:
    """A merchant without a key does not know the result of a lost response; a retry is another payment."""
    order_id = order(world)
    for _ in range(2):
        world.merchant.post("/payments", {"order_id": order_id, **upi(world)}, again=False)


def same_key_at_once(world: World) -> None:
    body = {"order_id": order(world), **upi(world)}
    one = partial(world.merchant.post, "/payments", body, key="the same")
    world.concurrently(one, one)


def same_key_for_different_requests(world: World) -> None:
    order_id = order(world)
    works = [
        partial(world.merchant.post, "/payments", {"order_id": order_id, **upi(world)}, key="the same")
        for _ in range(2)
    ]
    requests = world.concurrently(*works)
    assert_statuses(requests, 201, 422)


def refunds_at_once(world: World) -> None:
    payment_id = paid(world)
    requests = world.concurrently(*[partial(refund, world, payment_id, 30_000) for _ in range(2)])
    assert_statuses(requests, 201, 400)


def refund_with_the_same_key_at_once(world: World) -> None:
    payment_id = paid(world)
    world.concurrently(*[partial(refund, world, payment_id, 30_000, key="the same") for _ in range(2)])


def capture_against_refund(world: World) -> None:
    payment_id = paid(world)
    world.concurrently(
        partial(world.merchant.post, f"/payments/{payment_id}/capture", {"amount": AMOUNT}),
        partial(refund, world, payment_id, AMOUNT),
    )


def captures_at_once(world: World) -> None:
    payment_id = paid(world)
    capture = partial(world.merchant.post, f"/payments/{payment_id}/capture")
    world.concurrently(capture, capture)


def capture_against_void_and_refund(world: World) -> None:
    """The merchant captures, voids and refunds a payment whose money is reserved."""
    payment_id = reserved(world)
    captured, voided, _ = world.concurrently(
        partial(world.merchant.post, f"/payments/{payment_id}/capture"),
        partial(world.merchant.post, f"/payments/{payment_id}/void"),
        partial(refund, world, payment_id, AMOUNT),
    )
    assert {captured.response.status, voided.response.status} <= {200, 400}


def captured_in_time_and_refunded(world: World) -> None:
    """The acquirer confirms no capture for a while; the refund waits."""
    payment_id = reserved(world)
    world.bank.takes_s = UNANSWERED_S
    world.merchant.post(f"/payments/{payment_id}/capture")
    refund(world, payment_id, 20_000)
    world.scheduler.pause(60)
    world.bank.takes_s = 0.0


def time_of_capture_runs_out(world: World) -> None:
    """One payment is never captured. Another is captured in the last second."""
    pay(world, upi(world), capture=MANUAL)
    late = reserved(world)
    ends_at = datetime.fromisoformat(world.merchant.get(f"/payments/{late}")["capture_before"])
    world.scheduler.pause((ends_at - world.scheduler.clock()).total_seconds() - 1)
    world.merchant.post(f"/payments/{late}/capture")


def capture_is_refused(world: World) -> None:
    """The acquirer refuses the capture, while a refund waits for it."""
    endpoint(world, "voids", "payment.voided")
    payment_id = reserved(world, UNCAPTURABLE)
    world.merchant.post(f"/payments/{payment_id}/capture")
    refund(world, payment_id, 20_000)


def late_approval_reserves_money(world: World) -> None:
    """The bank reserves the money of a payment that it cancelled before."""
    world.bank.ignores_voids = True
    by = upi(world, CHALLENGED)
    pay(world, by, capture=MANUAL)
    confirm(world, by, after_s=2 * ACTION_FOR.total_seconds(), approved=True)


def acquirer_is_not_idempotent(world: World) -> None:
    """It charges for every request that it receives, and its responses are lost for a while."""
    world.bank.idempotent = False
    world.bank.takes_s = UNANSWERED_S
    pay(world, upi(world))
    pay(world, upi(world, PENDING))
    world.scheduler.pause(60)
    world.bank.takes_s = 0.0


def failed_refund_gives_its_amount_back(world: World) -> None:
    payment_id = paid(world, "norefund")
    first = refund(world, payment_id, AMOUNT).created
    assert first
    while world.merchant.get(f"/refunds/{first['id']}")["status"] == "pending":
        world.scheduler.pause(LONG_ENOUGH_S)
    assert refund(world, payment_id, AMOUNT).created


def outcome_is_pending(world: World) -> None:
    """The acquirer has no outcome of the payment and of its refund for some time."""
    refund(world, paid(world, PENDING), 20_000)


def buyer_confirms(world: World) -> None:
    """The buyer confirms the payment with the bank; the merchant's server waits for it."""
    endpoint(world, "all", "*")
    by = upi(world, CHALLENGED)
    payment_id = pay(world, by)
    confirm(world, by, after_s=120, approved=True)
    if settled(world, payment_id)["status"] == "success":
        refund(world, payment_id, 20_000)
    else:
        assert world.wire.struck, "only a fault lets the bank ask after the buyer has confirmed"


def buyer_refuses(world: World) -> None:
    by = upi(world, CHALLENGED)
    pay(world, by)
    confirm(world, by, after_s=120, approved=False)


def buyer_ignores_the_action(world: World) -> None:
    """The action expires."""
    endpoint(world, "all", "*")
    pay(world, upi(world, CHALLENGED))


def buyer_confirms_when_the_action_expires(world: World) -> None:
    by = upi(world, CHALLENGED)
    pay(world, by)
    confirm(world, by, after_s=ACTION_FOR.total_seconds() + CLOSE_S, approved=True)


def approval_is_late(world: World) -> None:
    """The bank approves a payment that it cancelled before."""
    endpoint(world, "all", "*")
    world.bank.ignores_voids = True
    by = upi(world, CHALLENGED)
    pay(world, by)
    confirm(world, by, after_s=2 * ACTION_FOR.total_seconds(), approved=True)


def acquirer_notifies(world: World) -> None:
    """Notifications arrive before the charge, forged, repeatedly and after the outcome."""
    by = upi(world, CHALLENGED)
    payment_id = pay(world, by)
    early = signed(payments=[payment_id])
    world.concurrently(*[partial(notify, world, early)] * 2)
    while not world.bank.charges:
        world.scheduler.pause(LONG_ENOUGH_S)
    world.scheduler.pause(60)
    waiting = world.bank.notification()
    assert notify(world, ({}, waiting[1])) == REJECTED
    world.bank.confirm(by["vpa"], approved=True)
    world.concurrently(*[partial(notify, world, waiting)] * 3)
    assert settled(world, payment_id)["status"] == "success"
    refund(world, payment_id, 20_000)
    for message in (early, world.bank.notification(), waiting):
        assert notify(world, message) == ACCEPTED


def late_approval_is_notified(world: World) -> None:
    """The bank approves a payment days after it cancelled it, and says so more than once."""
    world.bank.ignores_voids = True
    by = upi(world, CHALLENGED)
    pay(world, by)
    confirm(world, by, after_s=48 * HOUR_S, approved=True)
    message = world.bank.notification()
    world.concurrently(*[partial(notify, world, message)] * 2)
    notify(world, message)


def notify(world: World, message: Message, *, acquirer: str = BANK) -> int:
    """Send a notification of the acquirer until it is answered; returns the status of the response."""
    headers, body = message
    path = f"/api/v1/acquirers/{acquirer}/notifications/{TEST_MERCHANT_ID}"

    def act() -> int:
        response = world.lambdas.request("POST", path, headers, body)
        return response.status_code if response else 502

    for tries in range(MAX_TRIES):
        world.scheduler.pause(min(MAX_PAUSE_S, 2.0**tries) if tries else 0)
        try:
            status = world.wire.exchange(Edge.API, "POST notification", act, patience_s=PATIENCE_S)
        except NoAnswerError:
            continue
        if status in {ACCEPTED, REJECTED}:
            return status
    raise GaveUpError("the notification was not answered")


def confirm(world: World, by: Json, *, after_s: float, approved: bool) -> None:
    """The buyer decides, ``after_s`` from now."""
    world.scheduler.pause(after_s)
    world.bank.confirm(by["vpa"], approved=approved)


def acquirer_is_down(world: World) -> None:
    """No request of the acquirer has a response in time for a while, although each has its effect."""
    payment_id = paid(world)
    world.bank.takes_s = UNANSWERED_S
    pay(world, upi(world))
    refund(world, payment_id, 20_000)
    world.scheduler.pause(60)
    world.bank.takes_s = 0.0


def acquirer_is_slow(world: World) -> None:
    """Many payments are due while each call of the acquirer takes a third of a worker's time-out."""
    world.bank.takes_s = 9.0
    world.concurrently(*[partial(pay, world, upi(world)) for _ in range(20)])


def receiver_is_down(world: World) -> None:
    """Every webhook fails until its attempts are used up."""
    world.server.answers = lambda received: 500
    pay(world, upi(world))


def endpoint(world: World, name: str, *events: str, payload: str = "full") -> Json:
    """Create a webhook endpoint."""
    body = {"url": f"https://{name}.example/webhook", "events": list(events), "payload": payload}
    made = world.merchant.post("/webhooks/endpoints", body, key=world.merchant.new_key()).created
    assert made
    return made


def several_endpoints(world: World) -> None:
    """One receives thin refund events, one all events; a third is deleted while its webhooks wait."""
    endpoint(world, "refunds", "refund.created", "refund.processed", payload="thin")
    endpoint(world, "all", "*")
    doomed = endpoint(world, "doomed", "*")
    world.server.answers = lambda received: 500 if received.url == doomed["url"] else 200
    refund(world, paid(world), 20_000)
    world.merchant.delete(f"/webhooks/endpoints/{doomed['id']}")


def endpoint_is_slow(world: World) -> None:
    """One of two endpoints takes seconds for each webhook, and is fast again later."""
    slow = endpoint(world, "slow", "*")
    world.server.takes_s[slow["url"]] = 1.5
    payments = [paid(world) for _ in range(2)]
    world.server.takes_s[slow["url"]] = 0.0
    refund(world, payments[0], 20_000)


def endpoint_is_disabled(world: World) -> None:
    """An endpoint failed for days: it is disabled, and another endpoint receives the event."""
    endpoint(world, "observer", "webhook_endpoint.disabled")
    failing = endpoint(world, "failing", "payment.success", "webhook_endpoint.disabled")
    world.server.answers = lambda received: 500 if received.url == failing["url"] else 200
    fail_each_day(world, EndpointKey(TEST_MERCHANT_ID, failing["id"]))
    world.scheduler.pause(DISABLE_AFTER.total_seconds())
    while world.merchant.get(f"/webhooks/endpoints/{failing['id']}")["status"] == "enabled":
        paid(world)
        world.scheduler.pause(HOUR_S)


def fail_each_day(world: World, key: EndpointKey) -> None:
    """Write the health of an endpoint for DISABLE_AFTER from now on."""
    for day in range(DISABLE_AFTER.days):
        hour = hour_of(world.scheduler.clock()) + timedelta(days=day)
        row = WebhookHealthRow(key.text, hour, failed=1, expires_at=hour + RETENTION)
        world.dynamodb.table(world.settings.tables.webhook_health).put_item(row.serialize())


def manual_retry_against_schedule(world: World) -> None:
    """The receiver is down; the merchant requests a retry when the second attempt is due."""
    world.server.answers = lambda received: 500
    pay(world, upi(world))
    world.scheduler.pause(60)
    logs = world.merchant.get("/webhooks")["data"]
    world.concurrently(
        *[partial(world.merchant.post, f"/webhooks/{log['id']}/retry") for log in logs],
    )
    world.scheduler.pause(100)
    world.server.answers = lambda received: 200


def secret_regenerated_between(world: World) -> None:
    """The first attempts are signed with one secret, the later ones with another."""
    world.server.answers = lambda received: 503 if received.at < up_again else 200
    up_again = world.scheduler.clock()
    up_again = up_again.replace(hour=up_again.hour + 1)
    pay(world, upi(world))
    world.scheduler.pause(20)
    regenerate_secret(world)


def regenerate_secret(world: World) -> None:
    """Regenerate the signing secret, and pass it to the merchant's server."""
    world.merchant.post("/webhooks/secret/regenerate")


def secrets_replaced_while_others_change_the_merchant(world: World) -> None:
    """The endpoint's health changes, its URL is saved, and the API secret is replaced.

    The operator rolls it, and the merchant replaces it in two tabs of the dashboard.
    """
    world.server.answers = lambda received: 500 if len(world.server.received) % 2 else 200
    pay(world, upi(world))
    save_url = partial(world.merchant.put, "/webhooks/config", {"webhook_url": URL})
    dashboard = world.merchant.signed_in()
    replace_secret = partial(replace_api_secret, dashboard)
    world.concurrently(
        partial(regenerate_secret, world),
        partial(roll_api_secret, world),
        replace_secret,
        replace_secret,
        save_url,
    )
    world.server.answers = lambda received: 200
    pay(world, upi(world))


def roll_api_secret(world: World) -> None:
    """Roll the secret once; the merchant's program continues to use the first one.

    No-op if the command fails because of an overlap.
    """
    world.lambdas.command(
        lambda gateway: gateway.onboarding.roll_api_secret(TEST_MERCHANT_ID, overlap=SECRET_OVERLAP)
    )


def replace_api_secret(dashboard: Merchant) -> None:
    """Replace the secret, and replace it again if the response with the new one was lost.

    The merchant's program continues to use the first secret.
    """
    path = "/merchants/me/api-secret"
    if dashboard.post(path).response.status == CONFLICT:
        lost = dashboard.get("/merchants/me")["api_secret_fingerprint"]
        dashboard.post(path, {"replaces": lost})


def wrong_passwords_at_once(world: World) -> None:
    body = {"email": TEST_EMAIL, "password": "wrong"}
    requests = world.concurrently(*[partial(world.merchant.post, "/sessions", body)] * SIGN_INS)
    assert_statuses(requests, *[401] * SIGN_INS)


def feed_is_read_while_it_is_written(world: World) -> None:
    payments = [partial(paid, world) for _ in range(3)]
    world.concurrently(*payments, *[partial(read_feed, world, pages=12, pause_s=0.7)] * 2)


def read_feed(world: World, *, pages: int, pause_s: float) -> None:
    """Read the event feed page by page, as a merchant who stores ``next_after``."""
    received: list[str] = []
    world.feed_readers.append(received)
    query = "?limit=2"
    for _ in range(pages):
        page = world.merchant.get(f"/events{query}")
        received += [event["id"] for event in page["data"]]
        query = f"?limit=2&after={page['next_after']}" if page["next_after"] else query
        world.scheduler.pause(pause_s)


def lively_day(world: World) -> None:
    """Random requests of all kinds from several programs of the merchant."""
    random = world.weather.random("merchant") or Random(7)
    world.server.answers = partial(moody, Random(random.random()))
    works = [partial(customer, world, Random(random.random())) for _ in range(random.randint(2, 5))]
    if random.random() < 0.3:
        works.append(partial(regenerate_later, world, random.uniform(0, 100)))
    if random.random() < 0.3:
        works.append(partial(change_the_merchant_later, world, random.uniform(0, 100)))
    if random.random() < 0.5:
        works.append(partial(read_feed, world, pages=20, pause_s=random.uniform(0.1, 10)))
    world.concurrently(*works)


def moody(random: Random, received: Received) -> HttpResponse | int:
    """A server that is usually available, and sometimes sends Retry-After or 410."""
    if random.random() < 0.7:
        return 200
    code = random.choice([500, 503, 404, 302, 410])
    headers = {"Retry-After": "90"} if code == 503 else {}
    return HttpResponse(code=code, headers=headers, body=b"x", truncated=False)


def customer(world: World, random: Random) -> None:
    """Pays, captures and refunds; an impatient merchant retries a webhook."""
    world.scheduler.pause(random.choice([0, 0, random.uniform(0, 20)]))
    by = random.choice([upi(world), upi(world), card(), upi(world, "failure"), upi(world, "norefund")])
    if random.random() < 0.2:
        world.merchant.post("/payments", {"order_id": order(world), **by}, again=False)
        return
    is_manual = random.random() < 0.3
    payment_id = pay(world, by, capture=MANUAL if is_manual else None)
    if settled(world, payment_id)["status"] == "failed":
        return
    steps: list[Callable[[], Any]] = [
        partial(refund, world, payment_id, random.choice([10_000, 20_000, AMOUNT]))
        for _ in range(random.randint(0, 3))
    ]
    steps += [partial(world.merchant.post, f"/payments/{payment_id}/capture")] * random.randint(0, 2)
    may_void = is_manual and random.random() < 0.3
    steps += [partial(world.merchant.post, f"/payments/{payment_id}/void")] * may_void
    if random.random() < 0.5:
        steps.append(partial(retry_some, world, random, payment_id))
    random.shuffle(steps)
    world.concurrently(*steps)


def retry_some(world: World, random: Random, payment_id: str) -> None:
    """Retry the webhooks of the first page manually."""
    world.scheduler.pause(random.choice([0, 60, random.uniform(0, 400)]))
    for log in world.merchant.get("/webhooks")["data"][: random.randint(1, 3)]:
        world.merchant.post(f"/webhooks/{log['id']}/retry")


def change_the_merchant_later(world: World, after_s: float) -> None:
    world.scheduler.pause(after_s)
    world.merchant.put("/webhooks/config", {"webhook_url": URL})
    roll_api_secret(world)


def regenerate_later(world: World, after_s: float) -> None:
    world.scheduler.pause(after_s)
    regenerate_secret(world)


def rejects_successes(received: Received) -> int:
    """Fail every attempt of ``payment.success``, so that one webhook needs all its attempts."""
    return 500 if b'"event":"payment.success"' in received.body else ACCEPTED


def sells_to_a_failing_receiver(world: World, wait: Callable[[timedelta], None]) -> None:
    """A payment, whose outcome the receiver rejects; ``wait`` lets the time of the merchant pass."""
    world.server.answers = rejects_successes
    pay(world, upi(world))
    wait(timedelta(hours=3))


def retries_in_real_time(world: World) -> None:
    sells_to_a_failing_receiver(world, lambda passes: world.scheduler.pause(passes.total_seconds()))


def retries_with_the_test_clock(world: World) -> None:
    sells_to_a_failing_receiver(world, partial(advance, world))


def advance(world: World, by: timedelta) -> None:
    """Move the merchant's clock ahead, until it is there."""
    to = datetime.fromisoformat(world.merchant.get("/test/clock")["now"]) + by
    for _ in range(MAX_TRIES):
        response = world.merchant.post("/test/clock", {"to": to.isoformat()}).response
        if response.status == REJECTED or (response.status == ACCEPTED and response.body["status"] == "idle"):
            return  # rejected: it is there, and that response was lost
        world.scheduler.pause(MAX_PAUSE_S)
    raise GaveUpError(f"the clock did not reach {to}: {response}")


SCRIPTS: Mapping[str, Script] = {
    script.__name__: script
    for script in (
        pays_by_upi,
        pays_by_card,
        is_declined,
        pays_without_a_key,
        same_key_at_once,
        same_key_for_different_requests,
        refunds_at_once,
        refund_with_the_same_key_at_once,
        capture_against_refund,
        captures_at_once,
        capture_against_void_and_refund,
        captured_in_time_and_refunded,
        time_of_capture_runs_out,
        capture_is_refused,
        late_approval_reserves_money,
        acquirer_is_not_idempotent,
        failed_refund_gives_its_amount_back,
        outcome_is_pending,
        buyer_confirms,
        buyer_refuses,
        buyer_ignores_the_action,
        buyer_confirms_when_the_action_expires,
        approval_is_late,
        acquirer_notifies,
        late_approval_is_notified,
        acquirer_is_down,
        acquirer_is_slow,
        receiver_is_down,
        several_endpoints,
        endpoint_is_slow,
        endpoint_is_disabled,
        manual_retry_against_schedule,
        secret_regenerated_between,
        secrets_replaced_while_others_change_the_merchant,
        wrong_passwords_at_once,
        feed_is_read_while_it_is_written,
        retries_in_real_time,
        retries_with_the_test_clock,
        lively_day,
    )
}

RACES = frozenset(
    script.__name__
    for script in (
        same_key_at_once,
        same_key_for_different_requests,
        refunds_at_once,
        refund_with_the_same_key_at_once,
        capture_against_refund,
        captures_at_once,
        capture_against_void_and_refund,
    )
)
"""Scripts with concurrent requests."""

RANDOM = frozenset({lively_day.__name__})
"""Scripts that depend on the seed."""
