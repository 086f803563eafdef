"""The review of the changes of a deployment: a list, a check for lost tables, and a confirmation."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.deploy.change_set import Change
from infra.errors import InfraError
from infra.stage import Stage

_TABLE = "AWS::DynamoDB::Table"
# Resources with data. A replacement starts empty.
_STATEFUL = frozenset({_TABLE, "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::KMS::Key"})
_HEADER = ("ACTION", "RESOURCE", "TYPE", "REPLACEMENT", "")
_LOSS = "LOSES ITS DATA"
_POSSIBLE_LOSS = "may lose its data"


@dataclass(frozen=True, kw_only=True)
class ChangeReview:
    """The review of the changes of ``stage``. The names are stages that the operator confirmed in advance."""

    stage: Stage
    confirmed: str | None = None
    data_loss_allowed: str | None = None

    def __call__(self, changes: Sequence[Change]) -> None:
        """Print the changes and ask for a confirmation, except for a local stage.

        Raises InfraError if a table would lose its data, or without a confirmation.
        """
        if self.stage.is_local:
            return
        print(*_lines(changes), sep="\n")
        self._require_tables_kept(changes)
        warning = f"These are the changes of the stack {self.stage.stack_name}."
        if (self.confirmed or confirm(warning)) != self.stage.name:
            raise InfraError(
                "Nothing was changed: the stage's name was not confirmed. "
                f"To deploy without a prompt, add --yes {self.stage.name}."
            )

    def _require_tables_kept(self, changes: Sequence[Change]) -> None:
        lost = [each.logical_id for each in changes if each.type == _TABLE and _loss(each) == _LOSS]
        if lost and self.data_loss_allowed != self.stage.name:
            raise InfraError(
                f"Nothing was changed: the deployment deletes or replaces {', '.join(lost)}. "
                "See 'Changing a table' in docs/operations.md. "
                f"If the data is not needed, add --allow-data-loss {self.stage.name}."
            )


def confirm(warning: str) -> str:
    """Prompt for the stage's name. Returns an empty string if stdin is not a terminal."""
    if not sys.stdin.isatty():
        return ""
    return input(f"{warning} Type the stage's name to continue: ").strip()


def _loss(change: Change) -> str:
    """Whether the resource loses its data: _LOSS, _POSSIBLE_LOSS or empty."""
    if change.type not in _STATEFUL:
        return ""
    if change.action == "Remove" or change.replacement == "True":
        return _LOSS
    # A table whose index or attributes change is always "Conditional"; its keys are compared before.
    return _POSSIBLE_LOSS if change.replacement == "Conditional" and change.type != _TABLE else ""


def _rank(change: Change) -> tuple[int, bool, str]:
    order = (_LOSS, _POSSIBLE_LOSS, "")
    return order.index(_loss(change)), change.replacement != "True", change.logical_id


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    """A table of the changes: those that lose data, those that may, replacements, and the others by name."""
    ordered = sorted(changes, key=_rank)
    rows = [_HEADER]
    rows += [(each.action, each.logical_id, each.type, each.replacement, _loss(each)) for each in ordered]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
