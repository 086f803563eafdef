"""The one error that infrastructure commands tell."""


class InfraError(Exception):
    """Something the operator can mend; the message is one sentence with the way out."""
