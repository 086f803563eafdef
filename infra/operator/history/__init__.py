"""`logs`: the history of one payment, from the rows of the tables and the logs of the functions."""

from infra.operator.history.command import add_commands

__all__ = ["add_commands"]
