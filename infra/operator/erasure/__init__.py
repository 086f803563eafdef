"""The command `erase-buyer`: remove a buyer's personal data from the rows of payments."""

from infra.operator.erasure.command import add_commands

__all__ = ["add_commands"]
