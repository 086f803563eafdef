"""The signature debugger distinguishes each mistake and sends no data."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from chalicelib.domain.signature import signature_headers
from infra.sites import DASHBOARD

NOW = 1_795_409_988
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
OTHER = "whsec_" + "WFdWVVRTUlFQT05NTEtKSUhHRkVEQ0JB"
BODY = (
    '{"event":"payment.success","timestamp":1795409988,"data":{"payment":{"id":"pay_1","order_id":"order_1",'
    '"amount":50000,"currency":"INR","method":"upi","vpa":"ä@upi","status":"success"}},"sequence":3}'
)
PRESENT, THE_SECRET, THE_BODY, AGREEMENT, AGE = range(5)
SOURCES = "/sources/"  # where a page finds the dashboard's modules, which are bundled on the site


def headers_of(*secrets: str, body: str = BODY, at: int = NOW) -> dict[str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    return signature_headers(secrets or (SECRET,), webhook_id="msg_1", sent_at=moment, body=body.encode())


def as_text(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


@pytest.fixture(scope="module")
def module_page(gateway, browser):
    """A blank page of the dashboard from which tests call its modules."""
    with browser.new_context() as context:
        page = context.new_page()
        files = dict(DASHBOARD.objects())

        def source(route: Route) -> None:
            key = urlsplit(route.request.url).path.removeprefix(SOURCES)
            route.fulfill(path=files[key], content_type="text/javascript")

        page.route(f"**{SOURCES}**", source)
        page.goto(f"{gateway.dashboard_url}/login")
        yield page


@pytest.fixture
def diagnose(module_page):
    def run(**changes):
        given = {"body": BODY, "headers": as_text(headers_of()), "secret": SECRET, "nowS": NOW + 3, **changes}
        script = f"async (given) => (await import('{SOURCES}app/webhooks/diagnosis.js')).diagnose(given)"
        rules = module_page.evaluate(script, given)
        return [rule["holds"] for rule in rules], [rule["says"] for rule in rules]

    return run


def test_a_webhook_of_the_gateway_passes_all_checks(diagnose):
    holds, _ = diagnose()
    assert holds == [True] * 5


@pytest.mark.parametrize("secret", ["whsec_test_abc123", "whsec_é", "short", "whsec_" + "x" * 99])
def test_secrets_that_are_not_base64_are_supported(diagnose, secret):
    holds, _ = diagnose(secret=secret, headers=as_text(headers_of(secret)))
    assert holds == [True] * 5


@pytest.mark.parametrize(
    ("given", "known", "why"),
    [
        (OTHER, SECRET, "different secret"),
        (SECRET + "\n", None, "line break"),
        (SECRET.removeprefix("whsec_"), None, "whsec_"),
    ],
)
def test_a_wrong_secret_is_diagnosed(diagnose, given, known, why):
    headers = headers_of()
    if given == SECRET.removeprefix("whsec_"):
        headers = {"X-Webhook-Signature": headers["X-Webhook-Signature"]}
    holds, says = diagnose(secret=given, knownSecret=known, headers=as_text(headers))
    assert holds[THE_SECRET] is False
    assert holds[THE_BODY] is True
    assert why in says[THE_SECRET]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (json.dumps(json.loads(BODY)), "serialized again"),
        (json.dumps(json.loads(BODY), indent=2, ensure_ascii=False), "serialized again"),
        (json.dumps(json.loads(BODY), sort_keys=True), "another order"),
        (BODY + "\n", "line break"),
        ("\ufeff" + BODY, "byte order mark"),
    ],
)
def test_a_changed_body_is_diagnosed(diagnose, body, why):
    holds, says = diagnose(body=body)
    assert holds[THE_SECRET] is True
    assert holds[THE_BODY] is False
    assert why in says[THE_BODY]


def test_a_wrong_secret_with_a_changed_body_is_diagnosed(diagnose):
    holds, _ = diagnose(secret=OTHER, knownSecret=SECRET, body=BODY + "\n")
    assert (holds[THE_SECRET], holds[THE_BODY]) == (False, False)


def test_the_cause_of_an_ambiguous_mismatch_is_unknown(diagnose):
    holds, _ = diagnose(body=BODY.replace("50000", "5"))
    assert (holds[THE_SECRET], holds[THE_BODY], holds[AGREEMENT]) == (None, None, None)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_diagnosed(diagnose, missing):
    headers = headers_of()
    del headers["X-Webhook-Signature"], headers[missing]
    holds, says = diagnose(headers=as_text(headers))
    assert holds[PRESENT] is False
    assert missing in says[PRESENT]


def test_a_missing_signature_is_diagnosed(diagnose):
    holds, says = diagnose(headers="Content-Type: application/json")
    assert holds[PRESENT] is False
    assert "Neither" in says[PRESENT]


@pytest.mark.parametrize(
    ("offset_s", "why"), [(301, "5 minutes old"), (86_400 * 2, "2 days old"), (-301, "ahead")]
)
def test_a_timestamp_outside_the_tolerance_is_diagnosed_with_its_difference(diagnose, offset_s, why):
    holds, says = diagnose(nowS=NOW + offset_s)
    assert holds[AGE] is False
    assert why in says[AGE]
    assert holds[:AGE] == [True] * 4


def test_the_previous_secret_is_diagnosed(diagnose):
    holds, says = diagnose(headers=as_text(headers_of(OTHER, SECRET)))
    assert holds[AGREEMENT] is False
    assert "regenerated" in says[AGREEMENT]


def test_a_changed_id_is_diagnosed(diagnose):
    holds, says = diagnose(headers=as_text({**headers_of(), "webhook-id": "msg_2"}))
    assert holds[AGREEMENT] is False
    assert "webhook-id" in says[AGREEMENT]


def test_headers_are_accepted_in_the_formats_of_common_tools(diagnose):
    printed = "> POST /webhook HTTP/1.1\n" + "\n".join(
        f"> {line}" for line in as_text(headers_of()).split("\n")
    )
    assert diagnose(headers=printed)[0] == [True] * 5
    assert diagnose(headers=json.dumps(headers_of(), indent=2))[0] == [True] * 5


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 1000])
def test_the_hmac_matches_the_standard_library(module_page, size):
    key, message = bytes(range(size % 150)), bytes(index % 251 for index in range(size))
    script = f"""async ([key, message]) => {{
      const {{ hmacSha256 }} = await import('{SOURCES}app/sha256.js');
      return Array.from(hmacSha256(Uint8Array.from(key), Uint8Array.from(message)));
    }}"""
    found = bytes(module_page.evaluate(script, [list(key), list(message)]))
    assert found == hmac.new(key, message, hashlib.sha256).digest()


@pytest.mark.parametrize("clock", ["2001-01-01T00:00:00Z", "2098-01-01T00:00:00Z"])
def test_a_wrong_device_clock_does_not_invalidate_a_timestamp(dashboard, clock):
    dashboard.page.clock.install(time=clock)
    dashboard.sign_in("/dashboard/debugger")
    dashboard.page.get_by_label("Raw body").fill(BODY)
    dashboard.page.get_by_label("Headers").fill(as_text(headers_of(at=int(time.time()))))
    dashboard.page.get_by_label("Secret").fill(SECRET)
    rules = dashboard.part("debugger-result").get_by_role("listitem")
    expect(rules.nth(AGE)).to_have_attribute("data-holds", "true")


@pytest.mark.sensitive("the browser once reset a connection")
def test_pasted_data_is_not_sent(dashboard, watch):
    dashboard.sign_in("/dashboard/debugger")
    expect(dashboard.button("Use mine")).to_be_enabled()
    asked = len(watch.requests)
    page = dashboard.page
    page.get_by_label("Raw body").fill(BODY)
    page.get_by_label("Headers").fill(as_text(headers_of(at=int(time.time()))))
    page.get_by_label("Secret").fill(SECRET)
    rules = dashboard.part("debugger-result").get_by_role("listitem")
    expect(rules).to_have_count(5)
    for rule in rules.all():
        expect(rule).to_have_attribute("data-holds", "true")
    page.get_by_label("Secret").fill(OTHER)
    expect(rules.nth(THE_SECRET)).to_have_attribute("data-holds", "null")
    # The dashboard may still load its own data, by requests that contain nothing.
    later = watch.requests[asked:]
    assert all((one.method, one.post_data, urlsplit(one.url).query) == ("GET", None, "") for one in later)
    assert page.evaluate("() => Object.keys(sessionStorage)") == ["session"]
