"""Who calls: an API key with its secret, or the token of a session."""

from collections.abc import Mapping

from chalicelib.bootstrap import Gateway
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant


def authenticate(gateway: Gateway, headers: Mapping[str, str], *, session_only: bool = False) -> Merchant:
    """The merchant whose credentials came with the request; ``session_only``: a key pair does not count.

    Raises AuthenticationError, and RateLimitError when they have made too many requests just now.
    """
    merchant = _merchant(gateway, headers, session_only=session_only)
    gateway.limiter.take(merchant.id)
    return merchant


def _merchant(gateway: Gateway, headers: Mapping[str, str], *, session_only: bool) -> Merchant:
    authorization = _credential(headers, "authorization")
    if authorization is None and not session_only:
        key, secret = _credential(headers, "x-api-key"), _credential(headers, "x-api-secret")
        return gateway.merchants.authenticate(key, secret)
    return gateway.sessions.authenticate(bearer_token(authorization))


def _credential(headers: Mapping[str, str], name: str) -> str | None:
    """The header; raises AuthenticationError for what is not ASCII, as all of ours are, or not even text."""
    value = headers.get(name)
    if value and not value.isascii():
        raise AuthenticationError
    return value


def bearer_token(authorization: str | None) -> str:
    """The token of an ``Authorization`` header (RFC 6750); raises AuthenticationError."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError
    return token.strip()
