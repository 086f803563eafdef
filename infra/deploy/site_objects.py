"""What a site's bucket holds: each object with its address, its encoding, and how long it may be cached.

Scripts and styles of our own pages lie in a folder whose name is a hash of their content. A browser requests
each of them once, and a page that is open during an upload continues with the files of its own version.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from infra.sites import Addresses, Site

HASHED_FOLDER = "assets-"
_HASH_LENGTH = 16
_HASHED_KINDS = frozenset({".js", ".css"})

FOREVER = "public, max-age=31536000, immutable"  # the address changes with the content
SOON = "public, max-age=300"  # stable addresses that other sites use too
REVALIDATED = "no-cache"  # pages: a new version is seen at once, an unchanged page costs a 304

_REFERENCE = re.compile(r'\b(href|src)="([^"]+)"')
_MODULE = re.compile(r'<script [^>]*type="module"[^>]*>')
_STATIC_IMPORT = re.compile(r'^(?:import|export)\b(?:[^"\';(]*\bfrom)?\s*["\'](\.[^"\']+)["\']', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class SiteObject:
    """An object as it is stored."""

    key: str
    body: bytes
    content_type: str
    cache_control: str
    content_encoding: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether it refers to others, and so is uploaded after them."""
        return self.content_type.startswith("text/html")


def site_objects(site: Site, addresses: Addresses) -> list[SiteObject]:
    """Every object of ``site``: pages last, because they refer to the others."""
    files = {key: addresses.fill_in(path.read_bytes()) for key, path in site.objects()}
    kinds = {key: _content_type(path.name) for key, path in site.objects()}
    hashed = {key: content for key, content in files.items() if _is_hashed(key, site)}
    folder = hashed_folder(hashed)
    made = []
    for key, content in files.items():
        if key in hashed:
            made.append(_packed(f"{folder}{key}", content, kinds[key], FOREVER))
        elif kinds[key].startswith("text/html"):
            page = _Page(key, folder, hashed).refer(content.decode())
            made.append(_packed(key, page.encode(), kinds[key], REVALIDATED))
        else:
            lasting = FOREVER if key in site.pinned else SOON
            made.append(SiteObject(key=key, body=content, content_type=kinds[key], cache_control=lasting))
    return sorted(made, key=lambda each: each.is_page)


def hashed_folder(files: Mapping[str, bytes]) -> str:
    """The folder of ``files``, named after all of their content."""
    digest = hashlib.sha256()
    for key, content in sorted(files.items()):
        digest.update(f"{key} {len(content)}\n".encode() + content)
    return f"{HASHED_FOLDER}{digest.hexdigest()[:_HASH_LENGTH]}/"


def _is_hashed(key: str, site: Site) -> bool:
    return PurePosixPath(key).suffix in _HASHED_KINDS and key not in site.public | site.pinned


@dataclass(frozen=True)
class _Page:
    """A page at ``key``, which refers to the files in ``hashed``."""

    key: str
    folder: str
    hashed: Mapping[str, bytes]

    def refer(self, page: str) -> str:
        """The page with the addresses of hashed files, and with a preload of every module that it will load.

        Without the preloads a browser finds each module only when it has read the one that imports it.
        """
        entries = [
            self._key_of(reference[2])
            for script in _MODULE.findall(page)
            if (reference := _REFERENCE.search(script))
        ]
        known = {self._key_of(reference) for _, reference in _REFERENCE.findall(page)}
        preloads = [
            f'  <link rel="modulepreload" href="{self._prefix}{self.folder}{key}">\n'
            for key in _imported(entries, self.hashed)
            if key not in known
        ]
        page = page.replace("</head>", f"{''.join(preloads)}</head>", 1)
        return _REFERENCE.sub(self._hashed_reference, page)

    @property
    def _prefix(self) -> str:
        """From the page to the site's root."""
        return "../" * self.key.count("/")

    def _key_of(self, reference: str) -> str:
        return posixpath.normpath(posixpath.join("/", posixpath.dirname(self.key), reference)).lstrip("/")

    def _hashed_reference(self, match: "re.Match[str]") -> str:
        attribute, reference = match[1], match[2]
        key = self._key_of(reference)
        if key not in self.hashed:
            return match[0]
        root = "/" if reference.startswith("/") else self._prefix
        return f'{attribute}="{root}{self.folder}{key}"'


def _imported(entries: list[str], modules: Mapping[str, bytes]) -> list[str]:
    """The modules that ``entries`` import statically, directly or through others, nearest first."""
    found = dict.fromkeys(entry for entry in entries if entry in modules)
    waiting = list(found)
    while waiting:
        key = waiting.pop(0)
        for specifier in _STATIC_IMPORT.findall(modules[key].decode()):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(key), specifier))
            if imported in modules and imported not in found:
                found[imported] = None
                waiting.append(imported)
    return list(found)


def _packed(key: str, content: bytes, content_type: str, cache_control: str) -> SiteObject:
    """Compressed in storage: S3 does not compress, and every browser accepts gzip."""
    return SiteObject(
        key=key,
        body=gzip.compress(content, mtime=0),
        content_type=content_type,
        cache_control=cache_control,
        content_encoding="gzip",
    )


def _content_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
