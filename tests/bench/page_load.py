"""The first view of the sign-in page, the overview and the checkout page on a slow connection and device.

Chromium loads each page without a cache at 1.6 Mbit/s with 150 ms for each round trip, and with a CPU that is
4 times slower. The baseline is the source folder as it is: each file plain, under its own name.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from playwright.sync_api import Browser, CDPSession, ViewportSize, sync_playwright

from infra.deploy.site_objects import REVALIDATED, SiteObject, content_type, site_objects
from infra.sites import CHECKOUT, DASHBOARD, Addresses, Site
from tests.bench.figures import Figure
from tests.bench.interleaved import medians
from tests.bench.site_server import API, ORDER_ID, SiteServer, session
from tests.browser.chromium import launch

ROUNDS = 3
DESKTOP = ViewportSize(width=1280, height=860)
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER_CPU = 4
MAX_SHOWN_MS, MAX_SHIFT, KB = 1_800, 0.05, 1024
SHIFTS = """
globalThis.shift = 0;
const add = (list) => list.getEntries().forEach(({ value }) => (globalThis.shift += value));
new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
"""
# The milliseconds from the navigation until all elements are painted.
SHOWN_AFTER_MS = """(wanted) => new Promise((resolve) => {
  const look = () => {
    const isShown = wanted.every((selector) => document.querySelector(selector));
    requestAnimationFrame(isShown ? () => resolve(performance.now()) : look);
  };
  look();
})"""


@dataclass(frozen=True)
class View:
    """A page at ``path`` whose first view is complete when all ``elements`` exist."""

    name: str
    site: Site
    path: str
    elements: tuple[str, ...]
    max_bytes: int
    is_signed_in: bool = False


VIEWS = (
    View("sign-in", DASHBOARD, "/login", ("form button",), 60 * KB),
    View(
        "overview",
        DASHBOARD,
        "/dashboard",
        ("[data-test-id=total-transactions]", ".card:nth-child(2) .plot canvas", ".latest li a"),
        60 * KB,
        is_signed_in=True,
    ),
    View(
        "checkout",
        CHECKOUT,
        f"/checkout?order_id={ORDER_ID}",
        ("[data-test-id=order-amount]:not(:empty)", "[data-method=card]:enabled"),
        25 * KB,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Load:
    """One load of a page. The bytes include headers; requests to the API are not counted."""

    shown_after_ms: float
    shift: float
    size: int
    requests: int


def measure() -> Iterator[Figure]:
    """The time until the first view, its layout shift, and the bytes and requests of its files."""
    with sync_playwright() as playwright, SiteServer() as server:
        browser = launch(playwright.chromium)
        for view in VIEWS:
            yield from _figures(view, browser, server)
        browser.close()


def _figures(view: View, browser: Browser, server: SiteServer) -> Iterator[Figure]:
    loads: dict[str, Load] = {}

    def side(name: str, objects: Callable[[Site, Addresses], list[SiteObject]]) -> float:
        server.serve(objects(view.site, server.addresses))
        loads[name] = _load(view, browser, server.url)
        return loads[name].shown_after_ms

    shown_ms, plain_ms = medians(
        partial(side, "now", site_objects), partial(side, "plain", plain_objects), rounds=ROUNDS
    )
    now, plain = loads["now"], loads["plain"]
    for metric, value, unit, baseline, goal in (
        ("shown", shown_ms, "ms", plain_ms, MAX_SHOWN_MS),
        ("transferred", now.size, "bytes", plain.size, view.max_bytes),
        ("requests", now.requests, "requests", plain.requests, None),
        ("layout shift", now.shift, "", plain.shift, MAX_SHIFT),
    ):
        yield Figure(metric=f"{view.name} {metric}", value=value, unit=unit, baseline=baseline, goal=goal)


def plain_objects(site: Site, addresses: Addresses) -> list[SiteObject]:
    """The files of the site as they are in the source, with addresses: not bundled, hashed or compressed."""
    return [
        SiteObject(
            key=key,
            body=addresses.fill_in(path.read_bytes()),
            content_type=content_type(path.name),
            cache_control=REVALIDATED,
        )
        for key, path in site.objects()
    ]


def _load(view: View, browser: Browser, url: str) -> Load:
    with browser.new_context(locale="en-IN", viewport=DESKTOP) as context:
        page = context.new_page()
        if view.is_signed_in:
            page.goto(f"{url}/nothing")
            page.evaluate("session => sessionStorage.setItem('session', session)", json.dumps(session()))
        page.add_init_script(SHIFTS)
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", SLOW_4G)
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
        sizes = _record_sizes(network, f"{url}{API}")
        page.goto(url + view.path, wait_until="commit")
        shown_after_ms = page.evaluate(SHOWN_AFTER_MS, list(view.elements))
        page.wait_for_load_state("networkidle")
        return Load(
            shown_after_ms=shown_after_ms,
            shift=page.evaluate("() => globalThis.shift"),
            size=sum(sizes.values()),
            requests=len(sizes),
        )


def _record_sizes(network: CDPSession, api: str) -> Mapping[str, int]:
    """The bytes of each finished request that is not to the API, by the request's id."""
    api_requests: set[str] = set()
    sizes: dict[str, int] = {}

    def sent(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith(api):
            api_requests.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] not in api_requests:
            sizes[event["requestId"]] = int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", sent)
    network.on("Network.loadingFinished", finished)
    return sizes
