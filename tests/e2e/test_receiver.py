"""The test merchant's receiver: verification, display and configurable failures."""

import gc
import json
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests

from chalicelib.domain.signature import signature_headers
from infra.local.receiver import Behaviour, Receiver
from infra.local.receiver.server import HOST
from tests.e2e.api import eventually

pytestmark = pytest.mark.contract("8")

SECRET = "whsec_test_abc123"
BODY = json.dumps({"event": "payment.created", "timestamp": 1, "data": {"payment": {"id": "pay_1"}}}).encode()


@pytest.fixture
def receiver():
    with Receiver(secret=SECRET) as receiver:
        yield receiver


def send(
    receiver: Receiver,
    *,
    secret: str = SECRET,
    webhook_id: str = "w-1",
    age_s: int = 0,
    body: bytes = BODY,
    **headers: str,
) -> requests.Response:
    sent_at = datetime.now(UTC) - timedelta(seconds=age_s)
    signed = signature_headers([secret], webhook_id=webhook_id, sent_at=sent_at, body=BODY)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(
        receiver.url, data=body, headers={**signed, **named}, timeout=60, allow_redirects=False, stream=True
    )


def test_a_signed_webhook_is_accepted_and_stored(receiver):
    assert send(receiver).status_code == 200
    (delivery,) = receiver.deliveries
    assert (delivery.event, delivery.payment_id, delivery.verified) == ("payment.created", "pay_1", True)
    assert delivery.body == BODY


@pytest.mark.parametrize(
    "tampered",
    [
        {"secret": "whsec_other"},
        {"body": BODY + b" "},
        {"body": b"\xff"},
        {"age_s": 600},
        {"age_s": -600},
        {"X_Webhook_Signature": ""},
        {"X_Webhook_Signature": "0" * 64},
        {"webhook_id": ""},
        {"webhook_timestamp": "now"},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,====="},
        {"webhook_signature": "v1," + "A" * 44},
    ],
    ids=str,
)
def test_an_invalid_signature_is_rejected_with_a_reason(receiver, tampered):
    response = send(receiver, **tampered)
    assert response.status_code == 400
    assert response.text.strip()
    assert not receiver.deliveries[0].verified


def test_a_second_signature_of_a_rolled_secret_is_accepted(receiver):
    signed = signature_headers([SECRET, "whsec_old"], webhook_id="w-1", sent_at=datetime.now(UTC), body=BODY)
    assert requests.post(receiver.url, data=BODY, headers=signed, timeout=60).status_code == 200


def test_after_a_secret_change_the_receiver_shows_a_hint_and_accepts_the_new_secret():
    lines: list[str] = []
    with Receiver(secret=SECRET, announce=lines.append) as receiver:
        page = receiver.url.removesuffix("/webhook")
        hint = f"If the webhook secret was changed, enter the new secret at {page}"
        refused = send(receiver, secret="whsec_new")
        assert refused.status_code == 400
        assert hint in refused.text
        assert hint in lines[-1]
        assert receiver.deliveries[-1].as_json()["hint"] == hint
        assert requests.put(f"{page}/secret", json={"secret": " whsec_new\n"}, timeout=60).status_code == 204
        assert send(receiver, secret="whsec_new").status_code == 200
        assert send(receiver).status_code == 400


def test_other_failures_do_not_show_the_secret_hint(receiver):
    assert send(receiver, X_Webhook_Signature="").status_code == 400
    assert send(receiver, age_s=600).status_code == 400
    assert [delivery.hint for delivery in receiver.deliveries] == [None, None]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"secret": ""}', b'{"secret": "two words"}', b'{"secret": 1}']
)
def test_an_invalid_secret_is_rejected_and_the_old_one_remains(receiver, body):
    address = receiver.url.replace("/webhook", "/secret")
    assert requests.put(address, data=body, timeout=60).status_code == 400
    assert send(receiver).status_code == 200


def test_another_website_cannot_change_the_secret(receiver):
    address = receiver.url.replace("/webhook", "/secret")
    origin = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PUT"}
    assert not requests.options(address, headers=origin, timeout=60).ok


def test_the_receiver_can_fail_the_first_attempts_of_each_webhook(receiver):
    receiver.behaviour = Behaviour(fail_first=2)
    answers = [send(receiver, webhook_id=name).status_code for name in ("a", "b", "a", "b", "a", "b")]
    assert answers == [500, 500, 500, 500, 200, 200]
    assert [delivery.attempt for delivery in receiver.deliveries] == [1, 1, 2, 2, 3, 3]


def test_the_receiver_can_fail_the_first_deliveries_overall(receiver):
    receiver.behaviour = Behaviour(fail_first_overall=1)
    assert [send(receiver, webhook_id=name).status_code for name in ("a", "b")] == [500, 200]


def test_the_behaviour_is_set_over_http_and_an_unknown_field_is_rejected(receiver):
    address = receiver.url.replace("/webhook", "/behaviour")
    assert requests.put(address, json={"status": 410}, timeout=60).json()["status"] == 410
    assert send(receiver).status_code == 410
    assert requests.put(address, json={"stat": 410}, timeout=60).status_code == 400
    assert receiver.behaviour == Behaviour(status=410)


def test_the_receiver_can_redirect(receiver):
    receiver.behaviour = Behaviour(redirect_to="http://localhost:9/")
    response = send(receiver)
    assert (response.status_code, response.headers["Location"]) == (307, "http://localhost:9/")


def test_an_endless_body_continues_while_it_is_read(receiver):
    receiver.behaviour = Behaviour(body="endless")
    with send(receiver) as response:
        assert len(response.raw.read(1_000_000)) == 1_000_000


@pytest.mark.sensitive("measures real time")
def test_stopping_does_not_wait_for_a_slow_response():
    with Receiver(secret=SECRET, behaviour=Behaviour(delay_s=60)) as receiver:
        with pytest.raises(requests.ReadTimeout):
            requests.post(receiver.url, data=BODY, headers=signed_now(), timeout=(60, 0.2))
        started = time.monotonic()
    assert time.monotonic() - started < 30  # the response takes 60 s


@pytest.mark.sensitive("races connections against the stop")
def test_stopping_during_many_connections_leaves_none_open(receiver):
    """The garbage collector would report an open connection and fail the test that is running."""
    connected, over = list[socket.socket](), threading.Event()

    def connect() -> None:
        while not over.is_set():
            with suppress(OSError):
                connected.append(socket.create_connection((HOST, receiver.port), timeout=1))

    storm = threading.Thread(target=connect)
    storm.start()
    eventually(lambda: len(connected) >= 20)
    receiver.stop()
    over.set()
    storm.join()
    for connection in connected:
        connection.close()
    gc.collect()


def test_stopping_closes_connections_whose_peer_has_stopped_reading(receiver):
    receiver.behaviour = Behaviour(body="endless")
    with send(receiver):
        receiver.stop()
    gc.collect()


def test_a_timed_out_wait_reports_the_received_events(receiver):
    send(receiver)
    with pytest.raises(TimeoutError, match=r"expected 1 x payment.failed .* got: payment.created pay_1"):
        receiver.wait_for("payment.failed", timeout_s=0.1)


def test_every_delivery_is_printed_as_one_printable_line():
    lines: list[str] = []
    with Receiver(secret=SECRET, announce=lines.append) as receiver:
        requests.post(receiver.url, data=b'{"event": "\\u001b[2J\\n"}', timeout=60)
    assert len(lines) == 1
    assert lines[0].isprintable()


def test_the_page_and_the_list_show_deliveries_as_untrusted_content(receiver):
    send(receiver)
    address = receiver.url.replace("/webhook", "/")
    page = requests.get(address, timeout=60)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for asset in ("receiver.js", "receiver.css"):
        assert requests.get(address + asset, timeout=60).status_code == 200
    (shown,) = requests.get(address + "deliveries", timeout=60).json()
    assert shown["body"] == BODY.decode()
    assert shown["verified"] is True


def test_a_port_in_use_is_an_immediate_error(receiver):
    with pytest.raises(OSError, match="in use"):
        Receiver(secret=SECRET, port=receiver.port).start()


def signed_now() -> dict[str, str]:
    return signature_headers([SECRET], webhook_id="w-1", sent_at=datetime.now(UTC), body=BODY)
