"""`doctor`: whether rows fit one another, and whether those that wait will be woken."""

from infra.operator.doctor.command import add_commands

__all__ = ["add_commands"]
