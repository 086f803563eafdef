"""The static sites: what they are made of, and their upload."""

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.aws import Aws
from infra.project import ROOT

# A new upload is seen at once; what did not change is not sent again.
CACHE_CONTROL = "no-cache"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that is served as a static website from a bucket.

    ``pages`` are addresses without an ending, each with the file that answers there.
    """

    name: str
    bucket: str
    folder: Path
    index: str
    error_page: str
    pages: dict[str, str] = field(default_factory=dict)

    def objects(self) -> Iterator[tuple[str, Path]]:
        """Every key with its file."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self.folder).as_posix(), path
        for key, file in self.pages.items():
            yield key, self.folder / file


DASHBOARD = Site(
    name="dashboard",
    bucket="DashboardBucket",
    folder=ROOT / "dashboard_static",
    index="index.html",
    error_page="index.html",
    # Each opens directly and survives a reload: the page itself reads the address.
    pages=dict.fromkeys(
        ("login", "dashboard", "dashboard/transactions", "dashboard/webhooks", "dashboard/docs"), "index.html"
    ),
)
CHECKOUT = Site(
    name="checkout",
    bucket="CheckoutBucket",
    folder=ROOT / "sdk",
    index="checkout.html",
    error_page="checkout.html",
    pages={"checkout": "checkout.html"},
)
SITES = (DASHBOARD, CHECKOUT)


def upload_sites(outputs: Mapping[str, str], aws: Aws) -> None:
    """Put every file of every site into its bucket, which the stack's ``outputs`` name."""
    s3 = aws.client("s3")
    for site in SITES:
        _upload(site, outputs[site.bucket], s3)


def _upload(site: Site, bucket: str, s3: Any) -> None:
    for key, path in site.objects():
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=path.read_bytes(),
            ContentType=_content_type(path),
            CacheControl=CACHE_CONTROL,
        )


def _content_type(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
