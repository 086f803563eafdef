"""The pages that act as the buyer's bank and phone."""

import hashlib
import io
import re
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.bank import MAX_FORM_BYTES
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import ChargeOutcome, SimulatedCharge
from chalicelib.jobs.messages import ProcessPayment, decode
from tests.api.client import Api, Http, assert_bad_request, assert_error, shown
from tests.charges import WAITS_FOR, open_charge
from tests.cloud import Cloud

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
APPROVE, DECLINE = {"decision": "approve"}, {"decision": "decline"}
RIGHT, WRONG = {**APPROVE, "code": "1234"}, {**APPROVE, "code": "86420"}
UNKNOWN = "sim_0000000000000000"


def path_of(charge: SimulatedCharge | str) -> str:
    return f"/api/v1/test/bank/{charge if isinstance(charge, str) else charge.id}"


def see(http: Http, charge: SimulatedCharge | str, *, status: int = 200) -> str:
    response = http.get(path_of(charge))
    assert response.status_code == status, response.body
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.body.decode()


def send(
    http: Http, charge: SimulatedCharge | str, fields: dict[str, str] | bytes, **headers: str
) -> HTTPResponse:
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return http.post(path_of(charge), headers={**FORM, **headers}, body=body)


def submit(http: Http, charge: SimulatedCharge, fields: dict[str, str]) -> str:
    """Send the form as a browser does: with its hidden fields, and following the redirect."""
    hidden = re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', see(http, charge))
    response = send(http, charge, dict(hidden) | fields)
    assert response.status_code == 303, response.body
    assert (response.headers["Location"], response.body) == (charge.id, b"")
    return see(http, charge)


def heading(page: str) -> str:
    [text] = re.findall(r"<h1>(.*?)</h1>", page)
    return unescape(text)


def outcome_of(cloud: Cloud, charge: SimulatedCharge) -> ChargeOutcome:
    found = cloud.gateway.bank.find(charge.id)
    assert found
    return found.charge.outcome


@pytest.fixture
def challenge(cloud: Cloud) -> SimulatedCharge:
    return open_charge(cloud.gateway, return_url="https://shop.example/done?order=1&x=2")


@pytest.fixture
def link(cloud: Cloud) -> SimulatedCharge:
    return open_charge(cloud.gateway, ActionType.UPI)


def test_the_page_of_the_issuer_asks_for_the_code(http: Http, challenge: SimulatedCharge):
    page = see(http, challenge)
    assert heading(page) == "Confirm your payment"
    for part in (
        "Simulated bank",
        "₹499.00",
        'inputmode="numeric"',
        'autocomplete="one-time-code"',
        "<b>1234<",
    ):
        assert part in page


def test_the_phone_asks_for_an_approval(http: Http, link: SimulatedCharge):
    page = see(http, link)
    assert heading(page) == "Payment request"
    assert "₹499.00" in page
    assert "Simulated merchant" in page
    assert "<input" not in page


def test_the_right_code_approves(cloud: Cloud, http: Http, challenge: SimulatedCharge):
    assert heading(submit(http, challenge, RIGHT)) == "Payment confirmed"
    assert outcome_of(cloud, challenge) is ChargeOutcome.APPROVED


def test_the_buyer_declines(cloud: Cloud, http: Http, challenge: SimulatedCharge, link: SimulatedCharge):
    for charge in (challenge, link):
        assert heading(submit(http, charge, DECLINE)) == "Payment declined"
        assert outcome_of(cloud, charge) is ChargeOutcome.DECLINED


def test_the_phone_approves(cloud: Cloud, http: Http, link: SimulatedCharge):
    assert heading(submit(http, link, APPROVE)) == "Payment approved"
    assert outcome_of(cloud, link) is ChargeOutcome.APPROVED


def test_a_wrong_code_can_be_corrected(cloud: Cloud, http: Http, challenge: SimulatedCharge):
    page = submit(http, challenge, WRONG)
    assert "The code is wrong. 2 attempts are left." in page
    assert "86420" not in page
    assert "1 attempt is left" in submit(http, challenge, WRONG)
    assert heading(submit(http, challenge, RIGHT)) == "Payment confirmed"


def test_three_wrong_codes_fail_the_authentication(cloud: Cloud, http: Http, challenge: SimulatedCharge):
    for _ in range(2):
        submit(http, challenge, WRONG)
    page = submit(http, challenge, WRONG)
    assert heading(page) == "Payment not confirmed"
    assert outcome_of(cloud, challenge) is ChargeOutcome.DECLINED
    assert send(http, challenge, RIGHT).status_code == 303
    assert heading(see(http, challenge)) == "Payment not confirmed"


def test_a_form_that_is_sent_twice_or_from_an_earlier_page_changes_nothing(
    cloud: Cloud, http: Http, challenge: SimulatedCharge
):
    for _ in range(3):
        assert send(http, challenge, {**WRONG, "attempt": "0"}).status_code == 303
    assert "2 attempts are left" in see(http, challenge)
    for fields in (RIGHT, RIGHT, DECLINE, WRONG):
        assert send(http, challenge, fields).status_code == 303
    assert heading(see(http, challenge)) == "Payment confirmed"
    assert see(http, challenge) == see(http, challenge)


def test_a_form_after_the_expiry_shows_that_the_payment_expired(
    cloud: Cloud, http: Http, challenge: SimulatedCharge, link: SimulatedCharge
):
    cloud.time.shift(WAITS_FOR)
    for charge, fields in ((challenge, RIGHT), (link, APPROVE)):
        assert send(http, charge, fields).status_code == 303
        assert heading(see(http, charge)) == "Payment expired"
        assert outcome_of(cloud, charge) is ChargeOutcome.WAITING


@pytest.mark.parametrize(
    ("after", "title"), [(timedelta(0), "Payment cancelled"), (WAITS_FOR, "Payment expired")]
)
def test_a_cancelled_charge_cannot_be_approved(
    cloud: Cloud, http: Http, challenge: SimulatedCharge, after: timedelta, title: str
):
    cloud.gateway.bank.charges.change(challenge, replace(challenge, outcome=ChargeOutcome.CANCELLED))
    cloud.time.shift(after)
    assert send(http, challenge, RIGHT).status_code == 303
    assert heading(see(http, challenge)) == title
    assert outcome_of(cloud, challenge) is ChargeOutcome.CANCELLED


@pytest.mark.parametrize("reference", [UNKNOWN, "x", "%00", "..%2f..%2fmerchants", "<script>", "x" * 5_000])
def test_an_unknown_reference_has_the_same_page_for_every_request(http: Http, reference: str):
    page = see(http, reference, status=404)
    assert page == see(http, UNKNOWN, status=404)
    assert heading(page) == "Page not found"
    answered = send(http, reference, RIGHT)
    assert (answered.status_code, answered.body.decode()) == (404, page)
    assert "Location" not in answered.headers


@pytest.mark.parametrize("stage", ["prod", "production", "live", "prod-eu", "staging"])
def test_the_pages_do_not_exist_in_production(
    cloud: Cloud, http: Http, monkeypatch: pytest.MonkeyPatch, challenge: SimulatedCharge, stage: str
):
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage=stage))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    for charge in (challenge, UNKNOWN):
        responses = [http.get(path_of(charge)), *(send(http, charge, body) for body in (RIGHT, b"", b"\xff"))]
        for response in (*responses, http.get("/api/v1/test/merchant")):
            assert_error(response, 404, "NOT_FOUND_ERROR", "Route not found")
    assert outcome_of(cloud, challenge) is ChargeOutcome.WAITING


MALFORMED = {
    b"": "decision is required",
    b"decision": "The body is not a valid form",
    b"decision=approve&code=%ff": "The body is not a valid form",
    b"decision=approve&code=\xc3\xa9": "The body is not a valid form",
    b"&".join([b"decision=approve"] * 9): "The body is not a valid form",
    b"code=1234": "decision is required",
    b"decision=pay": "decision is not valid",
    b"decision=approve&code=12345678901": "code must be at most 10 characters",
    b"decision=approve&attempt=x": "attempt is not valid",
    b"decision=approve&attempt=-1": "attempt must be at least 0",
}


@pytest.mark.parametrize("body", MALFORMED, ids=ascii)
def test_a_malformed_form_is_rejected(cloud: Cloud, http: Http, challenge: SimulatedCharge, body: bytes):
    response = send(http, challenge, body)
    error = response.json_body["error"]
    assert (response.status_code, error["code"]) == (400, "BAD_REQUEST_ERROR")
    assert error["description"] == MALFORMED[body]
    assert outcome_of(cloud, challenge) is ChargeOutcome.WAITING


def test_a_form_of_another_type_or_of_more_than_4_kb_is_rejected(
    cloud: Cloud, http: Http, challenge: SimulatedCharge
):
    big = b"decision=approve&code=1234&x=" + b"x" * MAX_FORM_BYTES
    assert_bad_request(send(http, challenge, big), "The body must be at most 4096 bytes")
    wrong_type = send(http, challenge, RIGHT, **{"Content-Type": "text/plain"})
    description = "Content-Type must be application/x-www-form-urlencoded"
    assert_bad_request(wrong_type, description, "Content-Type")
    assert outcome_of(cloud, challenge) is ChargeOutcome.WAITING


def test_the_code_is_never_logged(http: Http, challenge: SimulatedCharge, log: io.StringIO):
    submit(http, challenge, WRONG)
    send(http, challenge, {**WRONG, "attempt": "86420"})
    send(http, challenge, {**APPROVE, "code": "86420864208642"})
    assert "buyer answered" in log.getvalue()
    assert "86420" not in log.getvalue()


def policy_of(response: HTTPResponse) -> dict[str, str]:
    directives = response.headers["Content-Security-Policy"].split("; ")
    return dict(each.split(" ", 1) for each in directives)


def source(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_a_page_loads_nothing_and_runs_only_its_own_style_and_script(
    cloud: Cloud, http: Http, challenge: SimulatedCharge
):
    for fields in (None, RIGHT):
        if fields:
            submit(http, challenge, fields)
        response = http.get(path_of(challenge))
        page = response.body.decode()
        [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        assert policy_of(response) == {
            "default-src": "'none'",
            "img-src": "data:",
            "style-src": source(style),
            "script-src": source(scripts[0]) if scripts else "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "*",
        }
        assert len(scripts) == (1 if fields else 0)
        assert not re.search(r'\s(style|on\w+)="', page)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "X-Frame-Options" not in response.headers


def test_only_embeddable_pages_of_the_issuer_can_be_in_a_frame(cloud: Cloud, http: Http):
    charges = [open_charge(cloud.gateway, embeddable=False), open_charge(cloud.gateway, ActionType.UPI)]
    for charge_id in (*(charge.id for charge in charges), UNKNOWN):
        assert policy_of(http.get(path_of(charge_id)))["frame-ancestors"] == "'none'"


def test_the_finished_page_of_the_issuer_links_to_the_shop_and_notifies_the_page_around_it(
    http: Http, challenge: SimulatedCharge
):
    assert "shop.example" not in see(http, challenge)
    page = submit(http, challenge, RIGHT)
    assert 'href="https://shop.example/done?order=1&amp;x=2"' in page
    assert 'parent.postMessage({ type: "authentication_complete" }, "*")' in page


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "ftp://shop.example/", "//shop.example/"])
def test_there_is_a_link_only_to_an_http_address(cloud: Cloud, http: Http, url: str | None):
    page = submit(http, open_charge(cloud.gateway, return_url=url), DECLINE)
    assert "<a " not in page


def test_values_are_escaped(cloud: Cloud, http: Http):
    markup = '"><img src=x onerror=alert(1)>&amp;'
    charge = open_charge(cloud.gateway, return_url=f"https://shop.example/{markup}", money=Money(500, "<b>"))
    assert "<b>" not in see(http, charge).replace("<b>1234</b>", "")
    page = submit(http, charge, DECLINE)
    assert "<img" not in page
    assert "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;" in page


def test_an_answer_settles_the_payment_soon(cloud: Cloud, http: Http, merchant: Api):
    payment = merchant.payment()
    charge = open_charge(cloud.gateway, payment_id=payment["id"])
    submit(http, charge, DECLINE)
    jobs = [
        decode(body, ProcessPayment) for body in cloud.messages(cloud.gateway.settings.queues.payments.jobs)
    ]
    [job] = [job for job in jobs if job.payment_id == payment["id"]]
    assert (job.once, job.checks, job.due_at) == (True, 1, cloud.gateway.clock())


def test_an_answer_to_a_charge_without_a_payment_sends_no_job(
    cloud: Cloud, http: Http, aws_requests: list[str]
):
    for payment_id in (None, "pay_0000000000000000"):
        submit(http, open_charge(cloud.gateway, payment_id=payment_id), RIGHT)
    assert "SendMessageBatch" not in aws_requests


def test_a_page_and_an_answer_use_few_requests(
    cloud: Cloud, http: Http, merchant: Api, aws_requests: list[str]
):
    payment = merchant.payment()
    charge = open_charge(cloud.gateway, payment_id=payment["id"])
    aws_requests.clear()
    see(http, charge)
    find = ["GetItem"] * 3  # the charge, its payment and the clock of the merchant
    assert aws_requests == find
    aws_requests.clear()
    send(http, charge, RIGHT)
    assert aws_requests == [*find, "UpdateItem", "GetItem", "GetItem", "SendMessageBatch"]


def test_the_test_routes_are_not_in_the_document(anonymous: Api):
    assert "/test/bank/" not in str(shown(anonymous.get("/openapi.json"))["paths"])
