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
    authorization = headers.get("authorization")
    if authorization is None and not session_only:
        return gateway.merchants.authenticate(headers.get("x-api-key"), headers.get("x-api-secret"))
    return gateway.sessions.authenticate(bearer_token(authorization))


def bearer_token(authorization: str | None) -> str:
    """The token of an ``Authorization`` header (RFC 6750); raises AuthenticationError."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError
    return token.strip()
