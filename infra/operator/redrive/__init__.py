"""The command `redrive`: move dead letters back to their queue."""

from infra.operator.redrive.command import add_commands

__all__ = ["add_commands"]
