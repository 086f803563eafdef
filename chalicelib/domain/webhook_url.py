"""What may stand as a merchant's webhook URL. Where it leads is checked at every attempt (``delivery``)."""

from urllib.parse import urlsplit

from chalicelib.domain.errors import BadRequestError

MAX_URL_CHARS = 2_048
_SCHEMES = frozenset({"http", "https"})


def parse_webhook_url(text: str) -> str:
    """``text`` when webhooks can be sent there; raises BadRequestError saying what is wrong."""
    if len(text) > MAX_URL_CHARS:
        raise _wrong(f"must be at most {MAX_URL_CHARS} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _wrong("must be printable ASCII without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _wrong("must be a valid URL") from error
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname or port == 0:
        raise _wrong("must be an http:// or https:// URL with a host")
    if parts.username is not None or parts.password is not None:
        raise _wrong("must not hold a user name or password")
    return text


def _wrong(what: str) -> BadRequestError:
    return BadRequestError(f"webhook_url {what}", field="webhook_url")
