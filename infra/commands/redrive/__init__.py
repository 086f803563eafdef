"""`redrive`: dead letters get another chance."""

from infra.commands.redrive.command import add_commands

__all__ = ["add_commands"]
