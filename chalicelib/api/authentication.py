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
    """A key pair decides alone: HTTP clients and proxies add an ``Authorization`` that is not for us.

    Half a pair is no pair. What is not ASCII, as all credentials are, or not even text, is refused.
    """
    key, secret = headers.get("x-api-key"), headers.get("x-api-secret")
    if key and secret and not session_only:
        return gateway.merchants.authenticate(_ascii(key), _ascii(secret))
    return gateway.sessions.authenticate(bearer_token(headers.get("authorization")))


def _ascii(credential: str) -> str:
    if not credential.isascii():
        raise AuthenticationError
    return credential


def bearer_token(authorization: str | None) -> str:
    """The token of an ``Authorization`` header (RFC 6750); raises AuthenticationError."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError
    return _ascii(token.strip())
