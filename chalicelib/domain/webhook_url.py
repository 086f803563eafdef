"""Validation of webhook URLs. The address of the host is checked at each attempt (``webhooks/http.py``)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.public_address import is_public

MAX_URL_CHARS = 2_048
HTTPS_PORT = 443
FIRST_FREE_PORT = 1_024  # lower ports belong to services such as mail, SSH and LDAP
_SCHEMES = frozenset({"http", "https"})
# A name, or an address in brackets: only what all URL parsers read in the same way.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[\w-]{1,63}(\.[\w-]{1,63})*\.?)(:\d*)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # the last label of a host that is an IPv4 address
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_SCHEME_AND_AUTHORITY = re.compile(r"[^:/?#]+://[^/?#]*")
_TARGET_CHARS = re.compile(r"[\w.~!$&'()*+,;=:@/?#%-]*", re.ASCII)  # RFC 3986; the client escapes others
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[\w.~-]", re.ASCII)  # characters that the HTTP client unescapes


def check_webhook_url(text: str, *, allow_private: bool, field: str = "webhook_url") -> None:
    """Raise BadRequestError if webhooks cannot be sent to ``text``. The error names ``field`` and the reason.

    ``allow_private`` is for local stages and tests: it allows any host, any port, and HTTP without TLS.
    """
    with _rules_of(field):
        _check(text, allow_private=allow_private)


def check_new_webhook_url(text: str, *, allow_private: bool, field: str = "webhook_url") -> None:
    """Raise BadRequestError unless ``text`` is a webhook URL that can be saved. The error names ``field``.

    The HTTP client normalizes some URLs before it sends a request. A URL that it would change is rejected,
    because the merchant's server would otherwise receive another path or query. URLs that were saved before
    this check existed are still called.
    """
    with _rules_of(field):
        _check(text, allow_private=allow_private)
        _check_target(text[len(_SCHEME_AND_AUTHORITY.match(text)[0]) :])  # type: ignore[index]  # it was split


def _check(text: str, *, allow_private: bool) -> None:
    if len(text) > MAX_URL_CHARS:
        raise _BrokenRuleError(f"must be at most {MAX_URL_CHARS} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _BrokenRuleError("must be printable ASCII without spaces")
    parts, host, port = _split(text)
    if parts.username is not None or parts.password is not None:
        raise _BrokenRuleError("must not contain a user name or password")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise _BrokenRuleError("must have a name or an IP address as its host")
    if not allow_private:
        _check_public(parts.scheme, host, port)


def _check_target(target: str) -> None:
    """Raise _BrokenRuleError if the HTTP client would change path, query or fragment."""
    _check_characters(target)
    path, _, query = target.partition("#")[0].partition("?")
    if path.startswith("//"):
        raise _BrokenRuleError("must not have a path that begins with //")
    if {".", ".."} & set(path.split("/")):
        raise _BrokenRuleError("must not have . or .. as a segment of its path")
    if not query and "?" in target.partition("#")[0]:
        raise _BrokenRuleError("must not have an empty query: leave out the ?")


def _check_characters(target: str) -> None:
    """Raise _BrokenRuleError if the HTTP client would change the escapes in path, query or fragment."""
    if not _TARGET_CHARS.fullmatch(target):
        raise _BrokenRuleError(
            'must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them'
        )
    if _STRAY_PERCENT.search(target):
        raise _BrokenRuleError("must have two hexadecimal digits after every %: write a plain % as %25")
    for escape in _ESCAPE.findall(target):
        if escape != escape.upper():
            raise _BrokenRuleError("must write percent-encodings in upper case, such as %2F")
        if _UNRESERVED.fullmatch(chr(int(escape[1:], 16))):
            raise _BrokenRuleError("must not percent-encode letters, digits or -._~")


def _split(text: str) -> tuple[SplitResult, str, int | None]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _BrokenRuleError("must be a valid URL") from error
    if parts.scheme not in _SCHEMES or not host or port == 0:
        raise _BrokenRuleError("must be an http:// or https:// URL with a host")
    return parts, host, port


def _check_public(scheme: str, host: str, port: int | None) -> None:
    """Raise _BrokenRuleError unless the URL has a public host, TLS and a port for web servers."""
    if not _may_be_public(host.removesuffix(".")):
        raise _BrokenRuleError("must not point to a private or internal address")
    if scheme != "https":
        raise _BrokenRuleError("must begin with https://")
    if port is not None and port != HTTPS_PORT and port < FIRST_FREE_PORT:
        raise _BrokenRuleError(f"must use port {HTTPS_PORT} or a port of at least {FIRST_FREE_PORT}")


def _may_be_public(host: str) -> bool:
    """Whether the host is a public address in standard notation, or a name that is not a private name."""
    try:
        if ":" in host:
            return is_public(IPv6Address(host))
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return is_public(IPv4Address(host))
    except AddressValueError:
        return False
    return "." in host and not f".{host}".endswith(_PRIVATE_NAMES)


class _BrokenRuleError(Exception):
    """The rule that a URL breaks, as the end of a sentence about the URL."""


@contextmanager
def _rules_of(field: str) -> Iterator[None]:
    """Turn a broken rule into a BadRequestError that names ``field``."""
    try:
        yield
    except _BrokenRuleError as rule:
        raise BadRequestError(f"{field} {rule}", field=field) from None
