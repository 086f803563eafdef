"""The static sites, and what they are made of."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from infra.project import ROOT
from infra.vendored import vendored

# Of the package that shops may install, and of no use to a browser.
_NOT_SERVED = frozenset({"checkout.d.ts", "package.json", "package-lock.json", "tsconfig.json"})

SDK_VERSION = "1.1.0"  # a shop that pins the SDK's hash needs an address whose bytes never change
EARLIER_SDK_VERSIONS = ("1.0.0",)  # in the folder, because shops have pinned them


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that is served as a static website from a bucket.

    ``pages`` are further addresses, each with the file that answers there; ``brings`` gives files from
    elsewhere by their key. Other sites may show ``framable`` addresses in a frame and load the scripts
    of a ``shared`` site. The addresses of ``public`` and ``pinned`` scripts stay as they are, because
    other sites load them; the content of ``pinned`` ones never changes.
    """

    name: str
    bucket: str
    folder: Path
    index: str
    error_page: str
    pages: dict[str, str] = field(default_factory=dict)
    brings: Callable[[], Mapping[str, Path]] = dict
    framable: frozenset[str] = frozenset()
    shared: bool = False
    public: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()

    def objects(self) -> Iterator[tuple[str, Path]]:
        """Every key with its file."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and path.name not in _NOT_SERVED:
                yield path.relative_to(self.folder).as_posix(), path
        for key, file in self.pages.items():
            yield key, self.folder / file
        yield from self.brings().items()


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """What a site is told of the others: each replaces its name in double braces wherever a file has it."""

    api_url: str
    checkout_url: str
    merchant_server_url: str = ""  # the test merchant's, beside a local gateway

    @classmethod
    def on_aws(cls, outputs: Mapping[str, str]) -> Self:
        """Those that the stack's ``outputs`` tell."""
        return cls(
            api_url=outputs["EndpointURL"].rstrip("/"), checkout_url=outputs[f"{CHECKOUT.bucket}SecureURL"]
        )

    def fill_in(self, content: bytes) -> bytes:
        """The content with the addresses in it."""
        for name, address in vars(self).items():
            content = content.replace(f"{{{{{name}}}}}".encode(), address.encode())
        return content


# What the dashboard shares with the checkout page. Each site serves a copy.
_SHARED = ("currencies.js", "money.js")

_VERIFICATION_EXAMPLES = ROOT / "docs" / "examples" / "webhooks"


def _beside_the_dashboard() -> Mapping[str, Path]:
    """Libraries, the modules of the checkout page that it shares, and the examples in its documentation."""
    examples = {f"examples/{path.name}": path for path in sorted(_VERIFICATION_EXAMPLES.glob("verify.*"))}
    shared = {f"shared/{name}": ROOT / "sdk" / "page" / name for name in _SHARED}
    return {**vendored(), **shared, **examples}


DASHBOARD = Site(
    name="dashboard",
    bucket="DashboardBucket",
    folder=ROOT / "dashboard_static",
    index="index.html",
    error_page="index.html",
    # Each opens directly and survives a reload: the page itself reads the address.
    pages=dict.fromkeys(
        (
            "login",
            "dashboard",
            "dashboard/transactions",
            "dashboard/refunds",
            "dashboard/webhooks",
            "dashboard/keys",
            "dashboard/debugger",
            "dashboard/account",
            "dashboard/docs",
        ),
        "index.html",
    ),
    brings=_beside_the_dashboard,
)
CHECKOUT = Site(
    name="checkout",
    bucket="CheckoutBucket",
    folder=ROOT / "sdk",
    index="checkout.html",
    error_page="not-found.html",
    pages={
        "checkout": "checkout.html",
        "checkout/": "checkout.html",  # over TLS a bucket has no index documents
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
    """What a page pins a script's content with: subresource integrity."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
