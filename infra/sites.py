"""The static sites: what they are made of, and their upload."""

import base64
import hashlib
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from infra.aws import Aws
from infra.project import ROOT
from infra.vendored import vendored

# A new upload is seen at once; what did not change is not sent again.
CACHE_CONTROL = "no-cache"

# Of the package that shops may install, and of no use to a browser.
_NOT_SERVED = frozenset({"checkout.d.ts", "package.json", "package-lock.json", "tsconfig.json"})

SDK_VERSION = "1.1.0"  # a shop that pins the SDK's hash needs an address whose bytes never change


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that is served as a static website from a bucket.

    ``pages`` are further addresses, each with the file that answers there; ``brings`` gives files from
    elsewhere by their key. Other sites may show ``framable`` addresses in a frame and load the scripts
    of a ``shared`` site.
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


_VERIFICATION_EXAMPLES = ROOT / "docs" / "examples" / "webhooks"


def _beside_the_dashboard() -> Mapping[str, Path]:
    """Libraries, and the examples that its documentation shows."""
    examples = {f"examples/{path.name}": path for path in sorted(_VERIFICATION_EXAMPLES.glob("verify.*"))}
    return {**vendored(), **examples}


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
)
SITES = (DASHBOARD, CHECKOUT)


def upload_sites(outputs: Mapping[str, str], addresses: Addresses, aws: Aws) -> None:
    """Put every file of every site into its bucket, which the stack's ``outputs`` name."""
    s3 = aws.client("s3")
    for site in SITES:
        _upload(site, outputs[site.bucket], addresses, s3)


def integrity(content: bytes) -> str:
    """What a page pins a script's content with: subresource integrity."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def _upload(site: Site, bucket: str, addresses: Addresses, s3: Any) -> None:
    for key, path in site.objects():
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=addresses.fill_in(path.read_bytes()),
            ContentType=_content_type(path),
            CacheControl=CACHE_CONTROL,
        )


def _content_type(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
