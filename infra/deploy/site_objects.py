"""The objects of a site's bucket, with their keys, encodings and cache headers.

Scripts and styles that only this site uses are in a folder whose name is a hash of their content. A browser
requests each of them once, and a page that is open during an upload continues to use its version's files.
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

IMMUTABLE = "public, max-age=31536000, immutable"  # the URL changes with the content
SHORT_LIVED = "public, max-age=300"  # stable URLs that other sites also use
REVALIDATED = "no-cache"  # pages: browsers load a new version immediately; an unchanged page is a 304

_REFERENCE = re.compile(r'\b(href|src)="([^"]+)"')
_MODULE = re.compile(r'<script [^>]*type="module"[^>]*>')
_STATIC_IMPORT = re.compile(r'^(?:import|export)\b(?:[^"\';(]*\bfrom)?\s*["\'](\.[^"\']+)["\']', re.MULTILINE)


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
    files = {key: addresses.fill_in(path.read_bytes()) for key, path in site.objects()}
    kinds = {key: _content_type(path.name) for key, path in site.objects()}
    hashed = {key: content for key, content in files.items() if _is_hashed(key, site)}
    folder = hashed_folder(hashed)
    objects = []
    for key, content in files.items():
        if key in hashed:
            objects.append(_compressed(f"{folder}{key}", content, kinds[key], IMMUTABLE))
        elif kinds[key].startswith("text/html"):
            page = _Page(key, folder, hashed).rewrite(content.decode())
            objects.append(_compressed(key, page.encode(), kinds[key], REVALIDATED))
        else:
            cache_control = IMMUTABLE if key in site.pinned else SHORT_LIVED
            objects.append(
                SiteObject(key=key, body=content, content_type=kinds[key], cache_control=cache_control)
            )
    return sorted(objects, key=lambda each: each.is_page)


def hashed_folder(files: Mapping[str, bytes]) -> str:
    """The name of the folder for ``files``, which contains a hash of their content."""
    digest = hashlib.sha256()
    for key, content in sorted(files.items()):
        digest.update(f"{key} {len(content)}\n".encode() + content)
    return f"{HASHED_FOLDER}{digest.hexdigest()[:_HASH_LENGTH]}/"


def _is_hashed(key: str, site: Site) -> bool:
    return PurePosixPath(key).suffix in _HASHED_KINDS and key not in site.public | site.pinned


@dataclass(frozen=True)
class _Page:
    """The page at ``key``, which references the files in ``hashed``."""

    key: str
    folder: str
    hashed: Mapping[str, bytes]

    def rewrite(self, page: str) -> str:
        """Replace references to hashed files, and add a preload for every module that the page imports.

        Without preloads, a browser discovers a module only after it has loaded the importing module.
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
        """The relative path from the page to the site's root."""
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
    """The modules that ``entries`` import statically, directly or indirectly, in breadth-first order."""
    found = dict.fromkeys(entry for entry in entries if entry in modules)
    queue = list(found)
    while queue:
        key = queue.pop(0)
        for specifier in _STATIC_IMPORT.findall(modules[key].decode()):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(key), specifier))
            if imported in modules and imported not in found:
                found[imported] = None
                queue.append(imported)
    return list(found)


def _compressed(key: str, content: bytes, content_type: str, cache_control: str) -> SiteObject:
    """Compress the stored object: S3 does not compress responses, and every browser supports gzip."""
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
