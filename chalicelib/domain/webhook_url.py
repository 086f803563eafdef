"""What may stand as a merchant's webhook URL. Where its name leads is seen at each attempt (``delivery``)."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.public_address import is_public

MAX_URL_CHARS = 2_048
HTTPS_PORT = 443
FIRST_FREE_PORT = 1_024  # below are those of mail, shells and directories
_SCHEMES = frozenset({"http", "https"})
# A name, or an address in brackets: nothing that one reader of URLs takes otherwise than another.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[\w-]{1,63}(\.[\w-]{1,63})*\.?)(:\d*)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # as its last label it makes a host an IPv4 address, however spelled
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_SCHEME_AND_AUTHORITY = re.compile(r"[^:/?#]+://[^/?#]*")
_TARGET_CHARS = re.compile(r"[\w.~!$&'()*+,;=:@/?#%-]*", re.ASCII)  # RFC 3986; the HTTP client escapes others
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[\w.~-]", re.ASCII)  # characters whose escapes the HTTP client undoes


def check_webhook_url(text: str, *, allow_private: bool) -> None:
    """Raises BadRequestError saying what is wrong with ``text`` when no webhook can be sent there.

    ``allow_private`` is for one machine and its tests: any host, any port, without TLS.
    """
    if len(text) > MAX_URL_CHARS:
        raise _wrong(f"must be at most {MAX_URL_CHARS} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _wrong("must be printable ASCII without spaces")
    parts, host, port = _split(text)
    if parts.username is not None or parts.password is not None:
        raise _wrong("must not hold a user name or password")
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise _wrong("must have a name or an IP address for its host")
    if not allow_private:
        _check_public(parts.scheme, host, port)


def check_new_webhook_url(text: str, *, allow_private: bool) -> None:
    """Raises BadRequestError unless ``text`` can be saved: a webhook URL that is called exactly as spelled.

    The HTTP client rewrites some spellings before it sends them. A URL that it would rewrite is rejected when
    it is saved, because the merchant's server would otherwise see another path or query. URLs that were saved
    before this check existed are still called.
    """
    check_webhook_url(text, allow_private=allow_private)
    target = text[len(_SCHEME_AND_AUTHORITY.match(text)[0]) :]  # type: ignore[index]  # it was split above
    _check_characters(target)
    path, _, query = target.partition("#")[0].partition("?")
    if path.startswith("//"):
        raise _wrong("must not have a path that begins with //")
    if {".", ".."} & set(path.split("/")):
        raise _wrong("must not have . or .. as a part of its path")
    if not query and "?" in target.partition("#")[0]:
        raise _wrong("must not have an empty query: leave out the ?")


def _check_characters(target: str) -> None:
    """That the path, query and fragment hold nothing that is escaped, or escaped otherwise, when sent."""
    if not _TARGET_CHARS.fullmatch(target):
        raise _wrong('must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them')
    if _STRAY_PERCENT.search(target):
        raise _wrong("must have two hexadecimal digits after every %: write a plain % as %25")
    for escape in _ESCAPE.findall(target):
        if escape != escape.upper():
            raise _wrong("must write percent-encodings in upper case, such as %2F")
        if _UNRESERVED.fullmatch(chr(int(escape[1:], 16))):
            raise _wrong("must not percent-encode letters, digits or -._~")


def _split(text: str) -> tuple[SplitResult, str, int | None]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _wrong("must be a valid URL") from error
    if parts.scheme not in _SCHEMES or not host or port == 0:
        raise _wrong("must be an http:// or https:// URL with a host")
    return parts, host, port


def _check_public(scheme: str, host: str, port: int | None) -> None:
    """What holds outside of one machine: TLS to a public host, at a port where web servers are."""
    if not _may_be_public(host.removesuffix(".")):
        raise _wrong("must not lead to a private or internal address")
    if scheme != "https":
        raise _wrong("must begin with https://")
    if port is not None and port != HTTPS_PORT and port < FIRST_FREE_PORT:
        raise _wrong(f"must use port {HTTPS_PORT} or one from {FIRST_FREE_PORT} on")


def _may_be_public(host: str) -> bool:
    """Whether the host is a public address, spelled as usual, or a name that is not private by its form."""
    try:
        if ":" in host:
            return is_public(IPv6Address(host))
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return is_public(IPv4Address(host))
    except AddressValueError:
        return False
    return "." in host and not f".{host}".endswith(_PRIVATE_NAMES)


def _wrong(what: str) -> BadRequestError:
    return BadRequestError(f"webhook_url {what}", field="webhook_url")
