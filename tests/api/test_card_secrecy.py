"""Rows, messages, logs and responses do not contain the card number or the CVV."""

import hashlib
import io
import json
import re
from typing import Any

import pytest

from chalicelib.api.requests import NewPaymentBody
from tests.api.client import Api, assert_bad_request, card, made
from tests.api.webhooks import set_url
from tests.cloud import Cloud
from tests.secrecy.search import cvv_in

NUMBER, CVV = "378282246310005", "9137"
SPACED = "3782 822463-10005"
NUMBERS = re.compile(rf"{NUMBER}|{SPACED}|{NUMBER[:12]}")
HASHES = [
    digest(text.encode()).hexdigest()
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256)
    for text in (NUMBER, NUMBER + CVV, CVV)
]
GOOD = card(number=SPACED, cvv=CVV)
REFUSED = [
    pytest.param(GOOD | {"method": "cash"}, id="invalid method"),
    pytest.param(GOOD | {"order_id": "order_0000000000000000"}, id="no such order"),
    pytest.param(card(number=NUMBER + "1", cvv=CVV), id="a wrong number"),
    pytest.param(card(number=int(NUMBER), cvv=int(CVV)), id="numeric card number"),
    pytest.param(card(number=[NUMBER], cvv={CVV: CVV}), id="card number in a list"),
    pytest.param(card(number=NUMBER, cvv=CVV + "1"), id="a wrong CVV"),
    pytest.param(card(number=NUMBER, cvv=CVV, expiry_year="2020"), id="an expired card"),
    pytest.param(card(number=NUMBER, cvv=CVV, expiry_month=None), id="no month"),
    pytest.param(card(number=NUMBER, cvv=CVV, holder_name=None), id="no name"),
    pytest.param({"method": "card", "card": f"{NUMBER} {CVV}"}, id="card as text"),
    pytest.param(card(holder_name=f"{SPACED} Rao"), id="card number as name"),
    pytest.param({"method": "upi", "vpa": f"{NUMBER}@upi"}, id="card number as VPA"),
]


def held(cloud: Cloud) -> str:
    """All rows and messages."""
    settings = cloud.gateway.settings
    rows = [cloud.rows(table) for table in vars(settings.tables).values()]
    urls = [url for queue in vars(settings.queues).values() for url in (queue.jobs, queue.dead_letters)]
    messages = [cloud.messages(url) for url in urls]
    return json.dumps([rows, messages])


def assert_unseen(text: str) -> None:
    found = NUMBERS.search(text)
    assert found is None, text[max(0, found.start() - 80) : found.end() + 80]
    assert list(cvv_in(text, CVV)) == []
    assert not [one for one in HASHES if one in text]


@pytest.mark.sensitive("a random UUID once contained the CVV")
@pytest.mark.parametrize("address", ["/payments", "/payments/public"])
def test_a_charged_card_is_not_stored_or_logged(cloud: Cloud, merchant: Api, log: io.StringIO, address: str):
    set_url(merchant)
    body = {"order_id": merchant.order()["id"], **GOOD}
    answers = [merchant.post(address, body, key=key) for key in ("k", "k", None)]
    answers += [merchant.get(f"/payments/{made(answers[0])['id']}{view}") for view in ("", "/public")]
    cloud.relay()
    assert made(answers[0])["id"] in held(cloud)
    assert_unseen(held(cloud))
    cloud.run(for_s=60)
    assert_unseen(held(cloud))
    assert_unseen(repr(cloud.sender.delivered) + repr(cloud.acquirer.charges))
    assert_unseen(repr([(answer.body, answer.headers) for answer in answers]))
    assert "payment settled" in log.getvalue()
    assert_unseen(log.getvalue())


@pytest.mark.parametrize("body", REFUSED)
def test_a_rejected_card_is_not_stored_returned_or_logged(
    cloud: Cloud, merchant: Api, log: io.StringIO, body: dict[str, Any]
):
    response = merchant.post("/payments", {"order_id": merchant.order()["id"], **body}, key="k")
    assert response.status_code in {400, 404}
    assert_unseen(response.body.decode() + held(cloud) + log.getvalue())


@pytest.mark.parametrize("text", [NUMBER, SPACED, f"order-{NUMBER}"])
def test_a_card_number_in_another_field_is_rejected_and_not_stored(
    cloud: Cloud, merchant: Api, log: io.StringIO, text: str
):
    payment = merchant.payment()
    cloud.run(for_s=15)
    answers = [
        (merchant.post("/orders", {"amount": 500}, key=text), "Idempotency-Key"),
        (merchant.post("/orders", {"amount": 500, "receipt": text}), "receipt"),
        (merchant.post("/orders", {"amount": 500, "notes": {"a": [text]}}), "notes"),
        (merchant.post(f"/payments/{payment['id']}/refunds", {"amount": 1}, key=text), "Idempotency-Key"),
        (merchant.post(f"/payments/{payment['id']}/refunds", {"amount": 1, "reason": text}), "reason"),
    ]
    for address in ("/payments", "/payments/public"):
        body = {"order_id": payment["order_id"], "method": "upi", "vpa": "buyer@bank"}
        answers.append((merchant.post(address, body, key=text), "Idempotency-Key"))
    for response, field in answers:
        assert_bad_request(response, f"{field} must not contain a card number", field)
    assert_unseen(held(cloud) + log.getvalue())


def test_the_repr_of_a_body_omits_number_and_cvv():
    body = NewPaymentBody.model_validate({"order_id": "order_1", **GOOD})
    assert_unseen(repr(body) + str(body) + repr(body.card))
    assert "Asha Rao" in repr(body), "repr must omit only the secrets"


def test_an_invalid_json_body_is_not_stored_returned_or_logged(cloud: Cloud, merchant: Api, log: io.StringIO):
    response = merchant.post("/payments", json.dumps(GOOD).encode()[:-1])
    assert response.status_code == 400
    assert_unseen(response.body.decode() + held(cloud) + log.getvalue())


def test_an_internal_error_does_not_expose_the_card(
    cloud: Cloud, merchant: Api, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    def fail(one: object) -> str:
        raise RuntimeError(f"the acquirer cannot take {one!r}")

    order = merchant.order()
    monkeypatch.setattr(cloud.acquirer, "tokenize", fail)
    response = merchant.post("/payments", {"order_id": order["id"], **GOOD}, key="k")
    assert response.status_code == 500
    assert "the acquirer cannot take" in log.getvalue()
    assert_unseen(response.body.decode() + held(cloud) + log.getvalue())
