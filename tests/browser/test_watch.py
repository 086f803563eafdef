"""`Watch` detects leaks, errors and third-party requests."""

import pytest

from tests.browser.buyer import APPROVED_CARD, CVV
from tests.browser.watch import Watch

LEAKS = {
    "in a URL": f"fetch('/?number={APPROVED_CARD}')",
    "in storage": f"sessionStorage.setItem('card', '4111 1111 1111 1111 {CVV}')",
    "in the console": f"console.log('cvv', {CVV})",
    "an error": "setTimeout(() => { throw new Error('broken'); })",
    "a policy violation": "document.body.append(Object.assign(new Image(), { src: '/mark.png' }))",
    "a third party": "fetch('http://127.0.0.1:9/').catch(() => {})",
}
PAGE = """<!doctype html>
<meta http-equiv="Content-Security-Policy" content="img-src data:">
<link rel="icon" href="data:,"><body></body>"""


@pytest.mark.parametrize("leak", LEAKS)
def test_the_watch_detects(browser, site, leak):
    site.put("/", PAGE)
    watch = Watch(frozenset({f"localhost:{site.port}"}))
    with browser.new_context() as context:
        watch.over(context)
        page = context.new_page()
        page.goto(site.url)
        watch.require_clean(context)
        page.evaluate(f"() => {{ {LEAKS[leak]}; }}")
        page.wait_for_timeout(200)
        with pytest.raises(AssertionError):
            watch.require_clean(context)
