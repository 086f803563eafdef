"""The command `reconcile`: compare the charges of an acquirer with the payments of the gateway."""

from infra.operator.reconcile.command import add_commands

__all__ = ["add_commands"]
