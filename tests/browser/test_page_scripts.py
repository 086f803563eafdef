"""The scripts that a browser loads for the payment page are those of its inventory, and no others can run."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from infra.deploy.page_inventory import page_inventory
from infra.local.gateway import LocalGateway
from infra.page_check import hash_of
from infra.sites import Addresses, Mode
from tests.browser.buyer import DECLINED_CARD, Buyer
from tests.browser.watch import Watch

# Adds a script as an attacker with access to the page's document would.
ADD_SCRIPT = """(url) => new Promise((resolve) => {
  addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), { once: true });
  const script = document.createElement("script");
  script.onload = () => resolve("loaded");
  try { script.src = url; document.head.append(script); } catch (error) { resolve(error.name); }
})"""


@pytest.fixture
def inventory(gateway: LocalGateway) -> dict[str, str]:
    addresses = Addresses(
        api_url=gateway.api_url,
        checkout_url=gateway.checkout_url,
        mode=Mode.TEST,
        merchant_server_url=gateway.receiver_url,
    )
    return {script.path: script.integrity for script in page_inventory(addresses, {}).scripts}


def scripts_of(page: Page) -> list[Response]:
    """The scripts that the page loads, from now on. Their bodies are not available after a navigation."""
    loaded: list[Response] = []
    page.on("response", lambda each: loaded.append(each) if each.request.resource_type == "script" else None)
    return loaded


def test_the_page_loads_every_script_of_the_inventory_and_no_other(
    gateway: LocalGateway, inventory: dict[str, str], context: BrowserContext, address: str
):
    page = context.new_page()
    scripts = scripts_of(page)
    page.goto(address)
    buyer = Buyer(page)
    buyer.pay_by_card(DECLINED_CARD)
    expect(buyer.part("error-state")).to_be_visible()
    buyer.part("retry-button").click()
    buyer.part("method-upi").click()
    buyer.part("show-qr-button").click()
    expect(buyer.part("upi-state")).to_be_visible()
    served = hashes_of(scripts)
    for language in ("hi", "ta", "bn"):
        page = context.new_page()  # not the same one, which may still load a script of the previous language
        scripts = scripts_of(page)
        page.goto(f"{address}&locale={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        served |= hashes_of(scripts)
    assert {urlsplit(url).netloc for url in served} == {urlsplit(gateway.checkout_url).netloc}
    of_page = {path: hash_ for path, hash_ in inventory.items() if "/page/" in path or "/parts/" in path}
    assert {urlsplit(url).path: hash_ for url, hash_ in served.items()} == of_page
    assert len(served) >= 4


def hashes_of(scripts: list[Response]) -> dict[str, str]:
    """The hash of each script by its URL."""
    return {each.url: hash_of(each.body()) for each in scripts}


def test_the_policy_of_the_page_prevents_every_other_script(page: Page, address: str, watch: Watch, site):
    watch.forgive("Trusted(HTML|ScriptURL)|trusted-types|script-src|Content Security Policy")
    page.goto(address)
    assert page.evaluate(ADD_SCRIPT, f"{site.url}/steal.js") in {"TypeError", "require-trusted-types-for"}
    imported = "(url) => import(url).then(() => 'loaded', (error) => error.name)"
    assert page.evaluate(imported, f"{site.url}/steal.js") == "TypeError"
    assert {each.failure for each in watch.requests if each.url.startswith(site.url)} == {"csp"}
    inline = "document.head.insertAdjacentHTML('beforeend', '<script>globalThis.stolen = 1</script>')"
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate(inline)
    assert page.evaluate("globalThis.stolen") is None
