"""The external dependencies: clock, randomness, acquirers and the HTTP client for webhooks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from chalicelib.acquirers import razorpay, stripe
from chalicelib.acquirers.base import Acquirer
from chalicelib.acquirers.credentials import CredentialStore, MerchantCredentials
from chalicelib.acquirers.registry import Acquirers, Registration
from chalicelib.acquirers.simulated import NOTIFICATION_SECRET
from chalicelib.bootstrap.clients import client
from chalicelib.bootstrap.stores import Stores
from chalicelib.domain.clock import Clock, merchant_clock, utc_now
from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.settings import Settings
from chalicelib.store.database import Database

if TYPE_CHECKING:
    from chalicelib.acquirers.transport import Transport
    from chalicelib.webhooks.http import Sender


@dataclass(frozen=True, kw_only=True)
class Externals:
    """The external dependencies. ``clock``: real time. ``sender`` creates the HTTP client for webhooks."""

    clock: Clock
    random: Random
    acquirers: Acquirers
    sender: "Callable[[], Sender]"


def production_externals(settings: Settings, database: Database | None = None) -> Externals:
    """The externals of a deployment. ``database``: that of the gateway, to share its client."""
    stores = Stores(settings, database or Database())

    def sender() -> "Sender":
        from chalicelib.webhooks.http import HttpSender

        return HttpSender(allow_private=settings.allow_private_webhook_addresses)

    return Externals(
        clock=utc_now, random=SystemRandom(), acquirers=_acquirers(settings, stores), sender=sender
    )


def _acquirers(settings: Settings, stores: Stores) -> Acquirers:
    """The acquirers. The adapter of an acquirer is loaded when the first payment of it needs it.

    The simulated one has the clock of the merchant, the others have the real time.
    """
    clock = merchant_clock(utc_now)

    def simulated(credentials: MerchantCredentials) -> Acquirer:
        from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
        from chalicelib.acquirers.simulated.bank import SimulatedBank

        bank = SimulatedBank(
            charges=stores.charges, declines=stores.declines, api_url=settings.api_url, clock=clock
        )
        return SimulatedAcquirer(
            settings.acquirer, clock, None if settings.is_production else bank, credentials
        )

    def cards(credentials: MerchantCredentials) -> Acquirer:
        from chalicelib.acquirers.stripe.adapter import StripeAcquirer

        return StripeAcquirer(transport=_transport(), credentials=credentials, clock=utc_now)

    def links(credentials: MerchantCredentials) -> Acquirer:
        from chalicelib.acquirers.razorpay.adapter import RazorpayAcquirer

        return RazorpayAcquirer(transport=_transport(), credentials=credentials, clock=utc_now)

    registered = {
        DEFAULT_ACQUIRER: Registration(
            build=simulated,
            optional=frozenset({NOTIFICATION_SECRET}),
            overlapping=frozenset({NOTIFICATION_SECRET}),
        ),
        stripe.STRIPE: Registration(
            build=cards,
            required=stripe.REQUIRED,
            optional=stripe.OPTIONAL,
            overlapping=frozenset({stripe.WEBHOOK_SECRET}),
        ),
        razorpay.RAZORPAY: Registration(
            build=links,
            required=razorpay.REQUIRED,
            optional=razorpay.OPTIONAL,
            overlapping=frozenset({razorpay.WEBHOOK_SECRET}),
        ),
    }
    credentials = CredentialStore(path=settings.acquirer_credentials_path, client=client, clock=utc_now)
    return Acquirers(registered=registered, credentials=credentials)


@cache
def _transport() -> "Transport":
    from chalicelib.acquirers.http_transport import HttpTransport

    return HttpTransport()
