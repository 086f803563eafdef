"""Authentication with an API key and its secret, or with the token of a session."""

from collections.abc import Mapping

from chalicelib.bootstrap import Gateway
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant


def authenticate(gateway: Gateway, headers: Mapping[str, str], *, session_only: bool = False) -> Merchant:
    """The authenticated merchant. ``session_only``: a key pair is not accepted.

    Raises AuthenticationError, and RateLimitError if the merchant has exceeded its rate limit.
    """
    merchant = _merchant(gateway, headers, session_only=session_only)
    gateway.limiter.take(merchant.id)
    return merchant


def _merchant(gateway: Gateway, headers: Mapping[str, str], *, session_only: bool) -> Merchant:
    """The merchant of the credentials.

    If there is a key pair, ``Authorization`` is ignored: HTTP clients and proxies may add one that is not for
    the gateway. A key without a secret is ignored, and a secret without a key. Credentials that are not ASCII
    are rejected.
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
    """The token of an ``Authorization`` header (RFC 6750). Raises AuthenticationError."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError
    return _ascii(token.strip())
