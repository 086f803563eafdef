"""Authentication with an API key and its secret, or with the token of a session."""

from collections.abc import Mapping

from chalicelib.bootstrap import Gateway
from chalicelib.domain.audit import Credential
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant


def credential_of(headers: Mapping[str, str], *, session_only: bool = False) -> Credential:
    """The kind of the credentials. ``session_only``: a key pair is not accepted.

    If there is a key pair, ``Authorization`` is ignored: HTTP clients and proxies may add one that is not for
    the gateway. A key without a secret is ignored, and a secret without a key.
    """
    has_pair = headers.get("x-api-key") and headers.get("x-api-secret")
    return Credential.API_KEY if has_pair and not session_only else Credential.SESSION


def authenticate(gateway: Gateway, headers: Mapping[str, str], credential: Credential) -> Merchant:
    """The merchant that the ``headers`` authenticate with this kind of credentials.

    Raises AuthenticationError, and RateLimitError if the merchant has exceeded its rate limit.
    """
    merchant = _merchant(gateway, headers, credential)
    gateway.limiter.take(merchant.id)
    return merchant


def _merchant(gateway: Gateway, headers: Mapping[str, str], credential: Credential) -> Merchant:
    """The merchant of the credentials. Credentials that are not ASCII are rejected."""
    if credential is Credential.API_KEY:
        return gateway.merchants.authenticate(_ascii(headers["x-api-key"]), _ascii(headers["x-api-secret"]))
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
