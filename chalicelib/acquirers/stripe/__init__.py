"""Stripe: the adapter, and what it knows of Stripe's API."""

from chalicelib.acquirers.stripe.adapter import (
    OPTIONAL,
    REQUIRED,
    STRIPE,
    WEBHOOK_SECRET,
    StripeAcquirer,
)

__all__ = ["OPTIONAL", "REQUIRED", "STRIPE", "WEBHOOK_SECRET", "StripeAcquirer"]
