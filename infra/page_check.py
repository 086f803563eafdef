"""Compares the live payment page with the inventory of its scripts.

This file is also the complete code of the function that checks the page on a schedule, so that it does not
depend on the code of the gateway. It imports only what Lambda provides.
"""

import base64
import gzip
import hashlib
import json
import os
import time
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from http.client import HTTPException
from io import BytesIO
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_S = 10
MAX_BYTES = 2_000_000  # of a file; the largest one has 12 KB

# An upload replaces the page and then its inventory, within seconds. The function compares a second time.
CONFIRM_AFTER_S = 60


class PageChangedError(Exception):
    """The live page differs from its inventory."""


def handler(_event: Any, _context: Any) -> None:
    """Check the page at PAGE_URL with the inventory in the parameter INVENTORY_PARAMETER.

    Raises PageChangedError if it still differs after CONFIRM_AFTER_S.
    """
    found = _differences_now()
    if found:
        time.sleep(CONFIRM_AFTER_S)
        found = _differences_now()
    result = "payment page differs" if found else "payment page matches"
    print(json.dumps({"message": result, "differences": found}))
    if found:
        raise PageChangedError("; ".join(found))


def _differences_now() -> list[str]:
    import boto3  # noqa: PLC0415 - only the function reads the parameter

    name = os.environ["INVENTORY_PARAMETER"]
    parameter = boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    return differences(os.environ["PAGE_URL"], json.loads(parameter))


def differences(site_url: str, inventory: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The differences between the site and ``inventory``, as sentences. One request for each file.

    ``inventory`` has the hash of each page and script by path, and the headers of every page.
    """
    found: list[str] = []
    for path, expected in inventory["pages"].items():
        found += _problems_of_page(site_url, path, expected, inventory)
    for path, expected in inventory["scripts"].items():
        content, _, problem = _fetch(site_url + path)
        found += _problems_of_content(path, content, expected, problem)
    return found


def hash_of(content: bytes) -> str:
    """The SHA-384 of ``content`` in the form of an integrity attribute."""
    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def _problems_of_page(
    site_url: str, path: str, expected: str, inventory: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    content, headers, problem = _fetch(site_url + path)
    yield from _problems_of_content(path, content, expected, problem)
    if content is None:
        return
    for name, value in inventory["headers"].items():
        if headers.get(name.lower()) != value:
            yield f"{path} has the header {name}: {headers.get(name.lower())}, expected {value}"
    for script in _scripts_of(content.decode(errors="replace")):
        url = urljoin(site_url + path, script) if script else None
        if url is None:
            yield f"{path} has an inline script"
        elif not url.startswith(f"{site_url}/") or urlsplit(url).path not in inventory["scripts"]:
            yield f"{path} loads {url}, which is not in the inventory"


def _problems_of_content(
    path: str, content: bytes | None, expected: str, problem: str | None
) -> Iterator[str]:
    if content is None:
        yield f"{path} cannot be loaded: {problem}"
    elif (actual := hash_of(content)) != expected:
        yield f"{path} has the hash {actual}, expected {expected}"


def _fetch(url: str) -> tuple[bytes | None, dict[str, str], str | None]:
    """The content and the headers, or None and the reason. A redirect is an error."""
    request = Request(url, headers={"Accept-Encoding": "gzip", "Cache-Control": "no-cache"})  # noqa: S310 - our own site
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_S) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            content = response.read(MAX_BYTES)
        if headers.get("content-encoding") == "gzip":
            content = gzip.GzipFile(fileobj=BytesIO(content)).read(MAX_BYTES)
    except HTTPError as error:
        return None, {}, f"status {error.code}"
    except (URLError, HTTPException, OSError, EOFError, zlib.error) as error:
        return None, {}, str(error) or type(error).__name__
    return content, headers, None


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_keywords: Any) -> None:
        """Follow no redirect."""


def _scripts_of(html: str) -> list[str | None]:
    parser = _Scripts()
    parser.feed(html)
    return parser.found


class _Scripts(HTMLParser):
    """Collects the address of each script and preloaded module; None for an inline script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "script":
            self.found.append(attributes.get("src"))
        elif tag == "link" and attributes.get("rel") == "modulepreload":
            self.found.append(attributes.get("href"))
