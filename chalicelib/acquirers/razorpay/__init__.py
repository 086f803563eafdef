"""Razorpay. Only its names are here, so that a function can register it without loading the adapter."""

RAZORPAY = "razorpay"

# The names of the credentials.
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a credential
REQUIRED = frozenset({"key_id", "key_secret", WEBHOOK_SECRET})
OPTIONAL = frozenset({"email", "contact", "api_url"})
