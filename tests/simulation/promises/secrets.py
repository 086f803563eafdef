"""Replaced secrets, and sign-in attempts."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from chalicelib.services.onboarding import TEST_MERCHANT_ID
from tests.simulation.laboratory import URL
from tests.simulation.outside import Received
from tests.simulation.world import World

OVERLAP = timedelta(hours=24)
LONGEST_REQUEST = timedelta(minutes=10)  # the overlap starts when the request is received


def the_previous_secret_works_for_24_hours(world: World) -> None:
    """The row contains the webhook secret that preceded the current one."""
    if len(world.secrets) > 1:
        (_, before), (since, _) = world.secrets[-2:]
        _assert_is_valid(world, "webhook_secret", before, since=since)


def the_api_secret_in_use_works_for_24_hours(world: World) -> None:
    """The merchant's program uses the first API secret. All replacements keep it valid."""
    (_, first), *later = world.api_secret_hashes
    if later:
        _assert_is_valid(world, "api_secret", first, since=later[-1][0])


def _assert_is_valid(world: World, name: str, secret: str, *, since: datetime) -> None:
    """``secret`` is the previous one of ``name``, for the OVERLAP from ``since`` on."""
    (merchant,) = [row for row in world.rows("merchants") if row["id"] == TEST_MERCHANT_ID]
    stored = merchant.get(f"previous_{name}") or merchant.get(f"previous_{name}_hash")
    assert stored == secret, f"the {name} before the current one is lost"
    until = datetime.fromisoformat(merchant[f"previous_{name}_until"])
    assert until >= since + OVERLAP - LONGEST_REQUEST, f"the previous {name} ends at {until}"


def webhooks_are_signed_with_the_previous_secret_too(world: World) -> None:
    """For 24 hours after a replacement, a receiver with only the previous secret can verify a webhook."""
    for received in world.server.received:
        if received.url != URL:  # the secret of another endpoint is not replaced
            continue
        signatures = received.headers["webhook-signature"].split()
        assert signatures in _expected(world, received), f"{received.log_id}: {signatures}"


def a_login_attempt_is_counted_once(world: World) -> None:
    """Attempts with a response count; attempts without one may count. A success resets the count."""
    requests = [request for request in world.merchant.requests if request.path == "/sessions"]
    statuses = [
        response.status if response else None for request in requests for response in request.responses
    ]
    if 201 in statuses:
        return
    counted = sum(row.get("attempts") or 0 for row in world.rows("sessions"))
    assert statuses.count(401) <= counted <= len(statuses), f"{counted} were counted of {statuses}"


def _expected(world: World, received: Received) -> list[list[str]]:
    """The signatures under each secret that was valid while the worker ran, and under its predecessor."""
    expected, before = [], None
    ends = [at for at, _ in world.secrets[1:]] + [received.at]
    for (since, secret), end in zip(world.secrets, ends, strict=True):
        if since <= received.at and end >= received.invocation.started_at:
            if before:
                expected.append([_signature(one, received) for one in (secret, before)])
            if before is None or received.at >= since + OVERLAP - LONGEST_REQUEST:
                expected.append([_signature(secret, received)])
        before = secret
    return expected


def _signature(secret: str, received: Received) -> str:
    """Calculated independently by Standard Webhooks."""
    signed = f"{received.log_id}.{received.headers['webhook-timestamp']}.".encode() + received.body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    tail = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(tail, validate=True)
    except ValueError:
        return tail.encode()
