"""How a buyer's card reaches the acquirer: its number, a token, or a page of the acquirer."""

import io
from datetime import timedelta

import pytest

from chalicelib.acquirers.base import ActionRequired
from chalicelib.domain.methods.card import PAGE_TOKEN, CardEntry
from chalicelib.domain.next_action import ActionType, NextAction
from tests.api.client import VISA, Api, Json, assert_bad_request, assert_error, card, made, shown
from tests.cloud import Cloud

NOWHERE = "order_0000000000000000"
TOKEN: Json = {"method": "card", "card_token": "pm_1NzQabc-DEF_9"}
PAGE: Json = {"method": "card"}
both_addresses = pytest.mark.parametrize("address", ["/payments", "/payments/public"])


@pytest.fixture(autouse=True)
def _restored(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    """The acquirer is shared by the tests of the module."""
    for name in ("card_entries", "methods", "tokenized", "script", "refuses_card_numbers"):
        monkeypatch.setattr(cloud.acquirer, name, getattr(cloud.acquirer, name))
    cloud.acquirer.tokenized, cloud.acquirer.script = 0, []


def accept(cloud: Cloud, *entries: CardEntry) -> None:
    cloud.acquirer.card_entries = frozenset(entries)


def pay(merchant: Api, address: str, body: Json):
    payer = merchant.anonymous if address.endswith("public") else merchant
    return payer.post(address, {"order_id": merchant.order()["id"], **body})


def charged(cloud: Cloud, payment: Json):
    """The request that the acquirer received for the payment."""
    cloud.run(for_s=15)
    [request] = [one for one in cloud.acquirer.charges if one.idempotency_key == f"charge:{payment['id']}"]
    return request


@both_addresses
def test_a_token_is_charged_and_the_card_is_not_known(cloud: Cloud, merchant: Api, address: str):
    accept(cloud, CardEntry.TOKEN)
    payment = made(pay(merchant, address, TOKEN))
    assert (payment["method"], payment["status"]) == ("card", "pending")
    assert not {"card_network", "card_last4", "card_token"} & payment.keys()
    assert charged(cloud, payment).token == TOKEN["card_token"]
    settled = shown(merchant.get(f"/payments/{payment['id']}"))
    assert settled["status"] == "success"
    assert TOKEN["card_token"] not in str(settled)
    assert cloud.acquirer.tokenized == 0


@both_addresses
def test_without_a_card_the_buyer_enters_it_on_the_acquirers_page(cloud: Cloud, merchant: Api, address: str):
    accept(cloud, CardEntry.PAGE, CardEntry.NUMBER)
    expires_at = cloud.gateway.clock() + timedelta(minutes=30)
    action = NextAction(type=ActionType.REDIRECT, url="https://pay.example/c/1", expires_at=expires_at)
    # for every check, also of the payments of other tests
    cloud.acquirer.script = [ActionRequired(reference="cs_1", action=action)] * 100
    payment = made(pay(merchant, address, PAGE))
    request = charged(cloud, payment)
    assert request.token == PAGE_TOKEN
    waiting = shown(merchant.get(f"/payments/{payment['id']}"))
    assert (waiting["status"], waiting["next_action"]["url"]) == ("pending", "https://pay.example/c/1")
    assert waiting["next_action"]["embeddable"] is False
    assert cloud.acquirer.tokenized == 0


@both_addresses
@pytest.mark.parametrize("entries", [(CardEntry.NUMBER,), (CardEntry.TOKEN,), ()])
def test_without_a_page_a_card_is_required_also_if_there_is_no_such_order(
    cloud: Cloud, merchant: Api, address: str, entries: tuple[CardEntry, ...]
):
    accept(cloud, *entries)
    assert_bad_request(pay(merchant, address, PAGE), "card is required", "card")
    payer = merchant.anonymous if address.endswith("public") else merchant
    assert_bad_request(payer.post(address, {"order_id": NOWHERE, **PAGE}), "card is required", "card")


def test_a_page_of_an_acquirer_without_cards_is_not_offered(cloud: Cloud, merchant: Api):
    accept(cloud, CardEntry.PAGE)
    cloud.acquirer.methods = frozenset()
    assert_bad_request(pay(merchant, "/payments/public", PAGE), "card is required", "card")
    order = merchant.order()
    assert shown(merchant.anonymous.get(f"/orders/{order['id']}/public"))["card_entry"] is None


def test_with_a_page_an_order_that_does_not_exist_is_not_found(cloud: Cloud, merchant: Api):
    accept(cloud, CardEntry.PAGE)
    response = merchant.post("/payments", {"order_id": NOWHERE, **PAGE})
    assert_error(response, 404, "NOT_FOUND_ERROR", "Order not found")


@both_addresses
@pytest.mark.parametrize("entries", [(CardEntry.NUMBER,), (CardEntry.PAGE,)])
def test_a_token_that_is_not_supported_is_rejected(
    cloud: Cloud, merchant: Api, address: str, entries: tuple[CardEntry, ...]
):
    accept(cloud, *entries)
    assert_bad_request(pay(merchant, address, TOKEN), "card_token is not supported", "card_token")


@both_addresses
@pytest.mark.parametrize(
    ("entries", "hint"),
    [
        ((CardEntry.TOKEN,), ": send card_token"),
        ((CardEntry.PAGE,), ": leave card out, and the buyer enters it on the page in next_action"),
        (
            (CardEntry.TOKEN, CardEntry.PAGE),
            ": send card_token, or leave card out, and the buyer enters it on the page in next_action",
        ),
        (set(), ""),
    ],
)
@pytest.mark.parametrize("is_known_before", [True, False])
def test_a_number_that_is_not_accepted_is_rejected_with_a_hint(  # noqa: PLR0917
    cloud: Cloud,
    merchant: Api,
    address: str,
    entries: tuple[CardEntry, ...],
    hint: str,
    is_known_before: bool,
):
    accept(cloud, *entries, *([] if is_known_before else [CardEntry.NUMBER]))
    cloud.acquirer.refuses_card_numbers = True
    response = pay(merchant, address, card())
    assert_bad_request(response, f"Card numbers are not accepted{hint}", "card")
    assert cloud.acquirer.tokenized == (0 if is_known_before else 1)
    assert shown(merchant.get("/payments"))["data"] == []


@both_addresses
@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("", "is not valid"),
        (PAGE_TOKEN, "is not valid"),
        ("pm 1", "is not valid"),
        ("pm_1\n", "is not valid"),
        ("pm_é", "is not valid"),
        ("p" * 256, "is not valid"),
        (VISA, "must not contain a card number"),
        (f"tok_{VISA}", "must not contain a card number"),
        ("tok-4111-1111-1111-1111", "must not contain a card number"),
    ],
)
def test_a_token_that_is_not_one_is_rejected(
    cloud: Cloud, merchant: Api, address: str, token: str, problem: str
):
    accept(cloud, CardEntry.TOKEN, CardEntry.PAGE)
    response = pay(merchant, address, {"method": "card", "card_token": token})
    assert_bad_request(response, f"card_token {problem}", "card_token")


@both_addresses
def test_a_token_cannot_be_combined_with_a_number(cloud: Cloud, merchant: Api, address: str):
    accept(cloud, *CardEntry)
    response = pay(merchant, address, {**card(), **TOKEN})
    assert_bad_request(response, "card_token must not be combined with card", "card_token")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"flow": "qr"}, "flow"),
        ({"return_url": "https://elsewhere.example/"}, "return_url"),
    ],
)
def test_the_acquirer_gets_no_card_of_a_request_that_is_rejected(
    cloud: Cloud, merchant: Api, change: Json, field: str
):
    response = pay(merchant, "/payments", {**card(), **change})
    assert (response.status_code, response.json_body["error"]["field"]) == (400, field)
    assert cloud.acquirer.tokenized == 0


def test_the_token_is_part_of_an_idempotent_request(cloud: Cloud, merchant: Api):
    accept(cloud, CardEntry.TOKEN, CardEntry.PAGE)
    order = {"order_id": merchant.order()["id"]}
    first = merchant.post("/payments", {**order, **TOKEN}, key="k")
    again = merchant.post("/payments", {**order, **TOKEN}, key="k")
    assert (made(again), again.headers["Idempotent-Replayed"]) == (made(first), "true")
    for other in ({**TOKEN, "card_token": "pm_2"}, PAGE):
        assert merchant.post("/payments", {**order, **other}, key="k").status_code == 422


@pytest.mark.parametrize("body", [TOKEN, PAGE], ids=["token", "page"])
def test_a_repeated_request_has_its_response_although_the_entry_is_not_supported_any_more(
    cloud: Cloud, merchant: Api, body: Json
):
    accept(cloud, CardEntry.TOKEN, CardEntry.PAGE)
    request = {"order_id": merchant.order()["id"], **body}
    first = made(merchant.post("/payments", request, key="k"))
    accept(cloud, CardEntry.PAGE)
    assert made(merchant.post("/payments", request, key="k")) == first


def test_a_repeated_number_has_its_response_although_the_account_refuses_numbers_now(
    cloud: Cloud, merchant: Api
):
    request = {"order_id": merchant.order()["id"], **card()}
    first = made(merchant.post("/payments", request, key="k"))
    cloud.acquirer.refuses_card_numbers = True
    assert made(merchant.post("/payments", request, key="k")) == first


@pytest.mark.parametrize(
    ("entries", "shown_entry"),
    [
        ((CardEntry.NUMBER,), "number"),
        ((CardEntry.NUMBER, CardEntry.TOKEN), "number"),
        ((CardEntry.NUMBER, CardEntry.PAGE), "page"),
        ((CardEntry.PAGE, CardEntry.TOKEN), "page"),
        ((CardEntry.TOKEN,), None),
    ],
    ids=str,
)
def test_the_public_order_has_where_a_card_is_entered(
    cloud: Cloud, merchant: Api, entries: tuple[CardEntry, ...], shown_entry: str | None
):
    accept(cloud, *entries)
    order = merchant.order()
    assert shown(merchant.anonymous.get(f"/orders/{order['id']}/public"))["card_entry"] == shown_entry


def test_a_token_is_not_logged(cloud: Cloud, merchant: Api, log: io.StringIO):
    accept(cloud, CardEntry.TOKEN)
    payment = made(pay(merchant, "/payments", TOKEN))
    pay(merchant, "/payments", {**TOKEN, "capture": "later"})
    cloud.run(for_s=15)
    assert payment["id"] in log.getvalue()
    gateway_lines = [line for line in log.getvalue().splitlines() if '"service":"payment-gateway"' in line]
    assert gateway_lines
    assert not [line for line in gateway_lines if TOKEN["card_token"] in line]
