"""The simulated acquirer, its bank, and its test values."""

NOTIFICATION_SECRET = "notification_secret"  # noqa: S105 - the name of a credential
