"""All checks of the receiver lab, in the order in which they run."""

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.domain.event import EventName
from chalicelib.domain.lab.check import Check, CheckName, Expected, LabRequest, Rounds, Scheme
from chalicelib.domain.lab.samples import Samples

CONCURRENT = 10  # a slow endpoint gets at most so many attempts at a time
RETRIED_AFTER = timedelta(hours=2, minutes=36)  # the fifth attempt of a webhook
OUTSIDE_TOLERANCE = timedelta(minutes=10)  # the tolerance is 5 minutes
_WITHIN_TOLERANCE = timedelta(minutes=1)
_STANDARD_ONLY = frozenset({Scheme.STANDARD})
_NO_SIGNATURE: Mapping[str, str] = {}


def _genuine(samples: Samples, what: str = "a valid webhook") -> LabRequest:
    body = samples.body(samples.event())
    return LabRequest(what=what, body=body, headers=samples.headers(body))


def _valid(samples: Samples) -> Rounds:
    return [[_genuine(samples)]]


def _every_event(samples: Samples) -> Rounds:
    bodies = {name: samples.body(samples.event(name)) for name in EventName}
    return [
        [LabRequest(what=f"a valid {name}", body=body, headers=samples.headers(body))]
        for name, body in bodies.items()
    ]


def _unknown_event(samples: Samples) -> Rounds:
    body = samples.unknown_body()
    return [[LabRequest(what="an unknown event type", body=body, headers=samples.headers(body))]]


def _duplicate(samples: Samples) -> Rounds:
    body, webhook_id = samples.body(samples.event()), samples.new_webhook_id()
    first = samples.headers(body, webhook_id=webhook_id, age=_WITHIN_TOLERANCE)
    again = samples.headers(body, webhook_id=webhook_id)
    return [
        [LabRequest(what="a webhook", body=body, headers=first)],
        [LabRequest(what="its duplicate", body=body, headers=again)],
    ]


def _out_of_order(samples: Samples) -> Rounds:
    whats = ("payment.captured", "the earlier payment.created")
    bodies = [samples.body(event) for event in samples.reversed_events()]
    return [
        [LabRequest(what=what, body=body, headers=samples.headers(body))]
        for what, body in zip(whats, bodies, strict=True)
    ]


def _late(samples: Samples) -> Rounds:
    body = samples.body(samples.event(age=RETRIED_AFTER))
    what = "an event of 2 h 36 min ago"
    return [[LabRequest(what=what, body=body, headers=samples.headers(body))]]


def _two_secrets(samples: Samples) -> Rounds:
    body, other = samples.body(samples.event()), samples.other_secret()
    orders = {
        "a webhook whose second signature is valid": [other, *samples.secrets],
        "one whose first signature is": [*samples.secrets, other],
    }
    return [
        [LabRequest(what=what, body=body, headers=samples.headers(body, secrets=secrets))]
        for what, secrets in orders.items()
    ]


def _in_pieces(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    what = "a valid webhook that arrived in pieces"
    return [[LabRequest(what=what, body=body, headers=samples.headers(body), in_pieces=True)]]


def _concurrent(samples: Samples) -> Rounds:
    return [[_genuine(samples, "one of 10 webhooks at the same time") for _ in range(CONCURRENT)]]


def _refused(samples: Samples, *refused: LabRequest) -> Rounds:
    """``refused``, and a genuine webhook: a receiver that refuses everything does not pass."""
    return [*([request] for request in refused), [_genuine(samples, "a valid webhook after it")]]


def _forged(
    what: str, body: bytes, headers: Mapping[str, str], expected: Expected = Expected.REFUSED
) -> LabRequest:
    return LabRequest(what=what, body=body, headers=headers, expected=expected)


def _tampered_body(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    tampered = body.replace(b'"sequence":3', b'"sequence":4')
    return _refused(
        samples,
        _forged("a webhook whose body was changed", tampered, samples.headers(body)),
        _forged("one with a space after its body", body + b" ", samples.headers(body)),
    )


def _tampered_header(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    headers = samples.headers(body)
    earlier = str(int(headers["webhook-timestamp"]) - int(_WITHIN_TOLERANCE.total_seconds()))
    return _refused(
        samples,
        _forged(
            "a webhook whose webhook-id was changed",
            body,
            {**headers, "webhook-id": samples.new_webhook_id()},
        ),
        _forged("one whose webhook-timestamp was changed", body, {**headers, "webhook-timestamp": earlier}),
    )


def _tampered_signature(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    zeros = {
        "X-Webhook-Signature": "00" * 32,
        "webhook-signature": "v1," + base64.b64encode(bytes(32)).decode(),
    }
    return _refused(
        samples, _forged("a webhook whose signature is wrong", body, {**samples.headers(body), **zeros})
    )


def _unsigned(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    return _refused(samples, _forged("a webhook without a signature", body, _NO_SIGNATURE))


def _wrong_secret(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    headers = samples.headers(body, secrets=[samples.other_secret()])
    return _refused(samples, _forged("a webhook signed with another secret", body, headers))


def _old_timestamp(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    headers = samples.headers(body, age=OUTSIDE_TOLERANCE)
    return _refused(samples, _forged("a webhook signed 10 minutes ago", body, headers))


def _future_timestamp(samples: Samples) -> Rounds:
    body = samples.body(samples.event())
    headers = samples.headers(body, age=-OUTSIDE_TOLERANCE)
    return _refused(samples, _forged("a webhook signed 10 minutes in the future", body, headers))


def _large_body(samples: Samples) -> Rounds:
    body = samples.large_body()
    headers = samples.headers(body, secrets=[samples.other_secret()])
    return _refused(
        samples, _forged("a forged body of 1 MB", body, headers, expected=Expected.REFUSED_OR_CLOSED)
    )


CHECKS: Sequence[Check] = (
    Check(name=CheckName.VALID, purpose="Accepts a valid webhook", section="verify", rounds=_valid),
    Check(
        name=CheckName.EVERY_EVENT, purpose="Accepts every event type", section="events", rounds=_every_event
    ),
    Check(
        name=CheckName.UNKNOWN_EVENT,
        purpose="Accepts an unknown event type",
        section="events",
        rounds=_unknown_event,
    ),
    Check(
        name=CheckName.DUPLICATE,
        purpose="Accepts the same webhook twice",
        section="twice",
        rounds=_duplicate,
        advice="The lab cannot see whether your server processed it twice: store webhook-id as a unique key.",
    ),
    Check(
        name=CheckName.OUT_OF_ORDER,
        purpose="Accepts events in the wrong order",
        section="order",
        rounds=_out_of_order,
        advice="The lab cannot see the state that your server stored. It must ignore the lower sequence.",
    ),
    Check(
        name=CheckName.LATE,
        purpose="Accepts the last retry of an old event",
        section="retries",
        rounds=_late,
    ),
    Check(
        name=CheckName.TWO_SECRETS,
        purpose="Accepts two signatures, of which one is valid",
        section="change-the-secret",
        rounds=_two_secrets,
        schemes=_STANDARD_ONLY,
    ),
    Check(
        name=CheckName.IN_PIECES,
        purpose="Reads a body that arrives slowly, in pieces",
        section="verify",
        rounds=_in_pieces,
    ),
    Check(
        name=CheckName.CONCURRENT,
        purpose="Accepts 10 webhooks at the same time",
        section="answer",
        rounds=_concurrent,
    ),
    Check(
        name=CheckName.TAMPERED_BODY,
        purpose="Refuses a changed body",
        section="verify",
        rounds=_tampered_body,
    ),
    Check(
        name=CheckName.TAMPERED_HEADER,
        purpose="Refuses a changed id or timestamp",
        section="verify",
        rounds=_tampered_header,
        schemes=_STANDARD_ONLY,
    ),
    Check(
        name=CheckName.TAMPERED_SIGNATURE,
        purpose="Refuses a wrong signature",
        section="verify",
        rounds=_tampered_signature,
    ),
    Check(name=CheckName.UNSIGNED, purpose="Refuses a missing signature", section="verify", rounds=_unsigned),
    Check(
        name=CheckName.WRONG_SECRET,
        purpose="Refuses the signature of another secret",
        section="verify",
        rounds=_wrong_secret,
    ),
    Check(
        name=CheckName.OLD_TIMESTAMP,
        purpose="Refuses a signature older than 5 minutes",
        section="verify",
        rounds=_old_timestamp,
        schemes=_STANDARD_ONLY,
    ),
    Check(
        name=CheckName.FUTURE_TIMESTAMP,
        purpose="Refuses a timestamp in the future",
        section="verify",
        rounds=_future_timestamp,
        schemes=_STANDARD_ONLY,
    ),
    Check(
        name=CheckName.LARGE_BODY,
        purpose="Refuses a forged body of 1 MB, and stays available",
        section="answer",
        rounds=_large_body,
    ),
)


def check_named(name: CheckName) -> Check:
    """The check with this name."""
    return next(check for check in CHECKS if check.name is name)
