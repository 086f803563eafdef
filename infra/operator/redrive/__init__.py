"""`redrive`: dead letters get another chance."""

from infra.operator.redrive.command import add_commands

__all__ = ["add_commands"]
