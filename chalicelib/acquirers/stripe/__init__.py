"""Stripe. Only its names are here, so that a function can register it without loading the adapter."""

STRIPE = "stripe"

# The names of the credentials.
SECRET_KEY, API_URL_NAME = "secret_key", "api_url"
CARD_NUMBERS = "card_numbers"
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a credential
REQUIRED = frozenset({SECRET_KEY, WEBHOOK_SECRET})
OPTIONAL = frozenset({CARD_NUMBERS, API_URL_NAME})
