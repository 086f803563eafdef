"""The static sites and their files."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from chalicelib.domain.stage import is_production_stage
from infra.project import ROOT
from infra.vendored import vendored

# Files of the npm package that browsers do not need, and the folder from which `infra.sdk` builds the SDK.
_NOT_SERVED = frozenset({"checkout.d.ts", "package.json", "package-lock.json", "tsconfig.json", "source"})

SDK_VERSION = "2.0.0"  # part of the URL that merchants pin by hash; the content at that URL never changes
EARLIER_SDK_VERSIONS = ("1.0.0", "1.1.0")  # still served, because merchants have pinned them


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that is served as a static website from a bucket.

    ``pages`` maps additional keys to files of the folder. ``extra_files`` returns files outside the folder
    by key. Other sites can show ``framable`` keys in a frame and load the scripts of a ``shared`` site.
    ``public`` and ``pinned`` scripts keep their keys, because other sites load them. The content of
    ``pinned`` scripts never changes. ``start`` is the key of the page that users open first.
    """

    name: str
    bucket: str
    folder: Path
    index: str
    start: str
    error_page: str
    pages: dict[str, str] = field(default_factory=dict)
    extra_files: Callable[[], Mapping[str, Path]] = dict
    framable: frozenset[str] = frozenset()
    shared: bool = False
    public: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()

    @property
    def url_output(self) -> str:
        """The stack's output with the HTTPS address of the site."""
        return f"{self.bucket}SecureURL"

    @property
    def domain_output(self) -> str:
        """The stack's output with the CloudFront domain of the site, if it has one."""
        return f"{self.name.capitalize()}DistributionDomain"

    def objects(self) -> Iterator[tuple[str, Path]]:
        """Yield each key with its file."""
        for path in sorted(self.folder.rglob("*")):
            relative = path.relative_to(self.folder)
            is_served = not path.name.startswith(".") and _NOT_SERVED.isdisjoint(relative.parts)
            if path.is_file() and is_served:
                yield relative.as_posix(), path
        for key, file in self.pages.items():
            yield key, self.folder / file
        yield from self.extra_files().items()


class Mode(StrEnum):
    """Whether payments of a stage move money. The sites show it."""

    TEST = "test"
    LIVE = "live"

    @classmethod
    def of_stage(cls, name: str) -> "Mode":
        """LIVE for a production stage, and TEST for all others."""
        return cls.LIVE if is_production_stage(name) else cls.TEST


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The URLs and the mode in the sites' files: each replaces its name in double braces, ``{{api_url}}``.

    ``site_urls`` has the address of each site that serves the API below its address, by the site's name.
    ``mode`` is LIVE unless given, because a live site must not say that no money moves.
    """

    api_url: str
    checkout_url: str
    mode: Mode = Mode.LIVE
    merchant_server_url: str = ""  # the test merchant's server of a local gateway
    receiver_url: str = ""  # where that server receives webhooks
    site_urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def on_aws(cls, outputs: Mapping[str, str], stage: str) -> Self:
        """The URLs from the stack's ``outputs``, and the mode of its ``stage``."""
        behind_cloudfront = [site for site in (DASHBOARD, CHECKOUT) if site.domain_output in outputs]
        return cls(
            api_url=outputs["EndpointURL"].rstrip("/"),
            checkout_url=outputs[CHECKOUT.url_output],
            mode=Mode.of_stage(stage),
            site_urls={site.name: outputs[site.url_output] for site in behind_cloudfront},
        )

    def of(self, site: Site) -> Self:
        """The URLs in the files of ``site``."""
        return replace(self, api_url=self.site_urls.get(site.name, self.api_url))

    def fill_in(self, content: bytes) -> bytes:
        """Replace the placeholders in ``content``."""
        for name in ("api_url", "checkout_url", "mode", "merchant_server_url", "receiver_url"):
            content = content.replace(f"{{{{{name}}}}}".encode(), getattr(self, name).encode())
        return content


# Modules of the checkout page that the dashboard also uses. Each site serves a copy.
_SHARED = ("currencies.js", "money.js")

_VERIFICATION_EXAMPLES = ROOT / "docs" / "examples" / "webhooks"


def _dashboard_extra_files() -> Mapping[str, Path]:
    """The libraries from npm, the shared modules of the checkout page, and the webhook examples."""
    examples = {f"examples/{path.name}": path for path in sorted(_VERIFICATION_EXAMPLES.glob("verify.*"))}
    shared = {f"shared/{name}": ROOT / "sdk" / "page" / name for name in _SHARED}
    return {**vendored(), **shared, **examples}


DASHBOARD = Site(
    name="dashboard",
    bucket="DashboardBucket",
    folder=ROOT / "dashboard_static",
    index="index.html",
    start="login",
    error_page="index.html",
    # Every client-side route serves the index page, so that direct links and reloads work.
    pages=dict.fromkeys(
        (
            "login",
            "dashboard",
            "dashboard/start",
            "dashboard/transactions",
            "dashboard/orders",
            "dashboard/refunds",
            "dashboard/search",
            "dashboard/webhooks",
            "dashboard/events",
            "dashboard/requests",
            "dashboard/keys",
            "dashboard/debugger",
            "dashboard/operations",
            "dashboard/account",
            "dashboard/docs",
        ),
        "index.html",
    ),
    extra_files=_dashboard_extra_files,
)
CHECKOUT = Site(
    name="checkout",
    bucket="CheckoutBucket",
    folder=ROOT / "sdk",
    index="checkout.html",
    start="checkout",
    error_page="not-found.html",
    pages={
        "checkout": "checkout.html",
        "checkout/": "checkout.html",  # the bucket's HTTPS endpoint does not support index documents
        "checkout/checkout.html": "checkout.html",  # the index document of /checkout/
        "demo": "demo/index.html",
        f"checkout-{SDK_VERSION}.js": "checkout.js",
    },
    framable=frozenset({"checkout", "checkout.html", "checkout/checkout.html"}),
    shared=True,
    public=frozenset({"checkout.js", "checkout.mjs"}),
    pinned=frozenset(f"checkout-{version}.js" for version in (SDK_VERSION, *EARLIER_SDK_VERSIONS)),
)
SITES = (DASHBOARD, CHECKOUT)


def integrity(content: bytes) -> str:
    """The subresource integrity value of ``content``."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
