"""The acquirers that this gateway can use, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.acquirers.base import Acquirer
from chalicelib.acquirers.credentials import CredentialStore, MerchantCredentials
from chalicelib.domain.payment import DEFAULT_ACQUIRER


class UnknownAcquirerError(Exception):
    """No acquirer has this name in the deployed version. A job that needs it is retried."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """An acquirer. ``build`` returns it for the merchant whose credentials it receives.

    ``required`` and ``optional`` are the names of the credentials. A replaced value of one in ``overlapping``
    stays valid for a day: the secrets that verify notifications.
    """

    build: Callable[[MerchantCredentials], Acquirer]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    overlapping: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Acquirers:
    """The registered acquirers, and the credentials of the merchants."""

    registered: Mapping[str, Registration]
    credentials: CredentialStore

    def of(self, name: str | None, merchant_id: str | None) -> Acquirer:
        """The acquirer for the merchant. No request. Raises UnknownAcquirerError.

        Both are None in jobs of the version with one acquirer, which needs no credentials.
        """
        name = name or DEFAULT_ACQUIRER
        registration = self.registered.get(name)
        if registration is None:
            raise UnknownAcquirerError(f"acquirer {name} of merchant {merchant_id} is not registered")
        credentials = MerchantCredentials(
            store=self.credentials, merchant_id=merchant_id or "unknown", acquirer=name
        )
        return registration.build(credentials)
