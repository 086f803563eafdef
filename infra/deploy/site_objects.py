"""The objects of a site's bucket, with their keys, encodings and cache headers.

Scripts and styles that only this site uses are bundled, and are in a folder whose name is a hash of their
content. A browser requests each of them once, and a page that is open during an upload continues to use its
version's files.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from infra.bundled import Bundles, bundled
from infra.sites import Addresses, Site

HASHED_FOLDER = "assets-"
_HASH_LENGTH = 16
_BUNDLED_KINDS = frozenset({".js", ".css"})
_KINDS, _UNKNOWN = {".map": "application/json"}, "application/octet-stream"

IMMUTABLE = "public, max-age=31536000, immutable"  # the URL changes with the content
SHORT_LIVED = "public, max-age=300"  # stable URLs that other sites also use
REVALIDATED = "no-cache"  # pages: browsers load a new version immediately; an unchanged page is a 304

_REFERENCE = re.compile(r'\b(href|src)="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class SiteObject:
    """An object in the bucket."""

    key: str
    body: bytes
    content_type: str
    cache_control: str
    content_encoding: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether the object is a page, which is uploaded after the objects that it references."""
        return self.content_type.startswith("text/html")


def site_objects(site: Site, addresses: Addresses) -> list[SiteObject]:
    """All objects of ``site``: pages last, because they reference the other objects."""
    addresses = addresses.of(site)
    files = {key: addresses.fill_in(path.read_bytes()) for key, path in site.objects()}
    kinds = {key: content_type(path.name) for key, path in site.objects()}
    sources = {key: content for key, content in files.items() if _is_bundled(key, site)}
    pages = [_Page(key, files[key].decode()) for key, kind in kinds.items() if kind.startswith("text/html")]
    bundles = bundled(sources, {entry for page in pages for entry in page.references() if entry in sources})
    folder = hashed_folder(bundles.files)
    objects = [
        _compressed(folder + key, content, content_type(key), IMMUTABLE)
        for key, content in bundles.files.items()
    ]
    for key in files.keys() - sources.keys() - {page.key for page in pages}:
        cached = IMMUTABLE if key in site.pinned else SHORT_LIVED
        objects.append(SiteObject(key=key, body=files[key], content_type=kinds[key], cache_control=cached))
    for page in pages:
        content = page.rewritten(folder, bundles).encode()
        objects.append(_compressed(page.key, content, kinds[page.key], REVALIDATED))
    return objects


def hashed_folder(files: Mapping[str, bytes]) -> str:
    """The name of the folder for ``files``, which contains a hash of their content."""
    digest = hashlib.sha256()
    for key, content in sorted(files.items()):
        digest.update(f"{key} {len(content)}\n".encode() + content)
    return f"{HASHED_FOLDER}{digest.hexdigest()[:_HASH_LENGTH]}/"


def content_type(name: str) -> str:
    """The content type of a file, by the ending of its ``name``."""
    kind = _KINDS.get(PurePosixPath(name).suffix) or mimetypes.guess_type(name)[0] or _UNKNOWN
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _is_bundled(key: str, site: Site) -> bool:
    return PurePosixPath(key).suffix in _BUNDLED_KINDS and key not in site.public | site.pinned


@dataclass(frozen=True)
class _Page:
    """The page ``html`` at ``key``."""

    key: str
    html: str

    def references(self) -> list[str]:
        """The keys of the page's own files."""
        return [self._key_of(reference) for _, reference in _REFERENCE.findall(self.html)]

    def rewritten(self, folder: str, bundles: Bundles) -> str:
        """Refer to the ``bundles`` in ``folder``, and preload every file that the page's scripts import.

        Without preloads, a browser discovers such a file only after it has loaded the importing script.
        """
        imported = [key for entry in self.references() for key in bundles.imported_by(entry)]
        preloads = [
            f'  <link rel="modulepreload" href="/{folder}{key}">\n' for key in dict.fromkeys(imported)
        ]

        def bundle(match: "re.Match[str]") -> str:
            attribute, key = match[1], self._key_of(match[2])
            return f'{attribute}="/{folder}{key}"' if key in bundles.files else match[0]

        return _REFERENCE.sub(bundle, self.html).replace("</head>", f"{''.join(preloads)}</head>", 1)

    def _key_of(self, reference: str) -> str:
        return posixpath.normpath(posixpath.join("/", posixpath.dirname(self.key), reference)).lstrip("/")


def _compressed(key: str, content: bytes, kind: str, cache_control: str) -> SiteObject:
    """Compress the stored object: S3 does not compress responses, and every browser supports gzip."""
    return SiteObject(
        key=key,
        body=gzip.compress(content, mtime=0),
        content_type=kind,
        cache_control=cache_control,
        content_encoding="gzip",
    )
