"""The command `lab`: check a server that receives webhooks."""

from infra.operator.lab.command import add_commands

__all__ = ["add_commands"]
