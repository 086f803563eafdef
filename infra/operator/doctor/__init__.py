"""The command `doctor`: check that rows are consistent, and that pending rows will be processed."""

from infra.operator.doctor.command import add_commands

__all__ = ["add_commands"]
