"""The error type of infrastructure commands."""


class InfraError(Exception):
    """An error that the operator can fix. The message describes the problem and the action to take."""
