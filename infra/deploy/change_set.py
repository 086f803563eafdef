"""A change set: the changes that CloudFormation would make to a stack, before it makes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from botocore.exceptions import WaiterError

from infra.errors import InfraError

_TIMEOUT_S = 600  # CloudFormation needs seconds
# CloudFormation's reasons for a change set without changes. The second one is that of a transformed template.
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of one resource. ``replacement`` is True, False or Conditional, or empty for other actions."""

    action: str
    logical_id: str
    type: str
    replacement: str = ""

    @classmethod
    def of(cls, change: dict[str, Any]) -> Self:
        """The change in CloudFormation's description."""
        return cls(
            action=change["Action"],
            logical_id=change["LogicalResourceId"],
            type=change["ResourceType"],
            replacement=change.get("Replacement", ""),
        )


Review = Callable[[Sequence[Change]], None]  # raises InfraError to refuse the changes


def accept(_changes: Sequence[Change]) -> None:
    """Accept all changes."""


@dataclass(frozen=True, kw_only=True)
class ChangeSet:
    """A change set of the stack ``stack``. ``client`` is a boto3 client of CloudFormation."""

    client: Any
    stack: str
    name: str

    @classmethod
    def create(cls, client: Any, request: dict[str, Any], *, kind: str, interval_s: float) -> Self | None:
        """Create a change set of the ``kind`` CREATE or UPDATE. Returns None if nothing would change.

        Raises InfraError with CloudFormation's reason if it rejects the template.
        """
        created = cls(client=client, stack=request["StackName"], name=f"deploy-{uuid4().hex}")
        client.create_change_set(ChangeSetName=created.name, ChangeSetType=kind, **request)
        schedule = {"Delay": interval_s, "MaxAttempts": round(_TIMEOUT_S / interval_s)}
        try:
            client.get_waiter("change_set_create_complete").wait(**created._key, WaiterConfig=schedule)
        except WaiterError as error:
            reason = client.describe_change_set(**created._key).get("StatusReason", "no reason")
            created.delete()
            if any(each in reason for each in _UNCHANGED):
                return None
            raise InfraError(
                f"CloudFormation could not prepare the changes of {created.stack}: {reason}"
            ) from error
        return created

    def changes(self) -> list[Change]:
        """The changes, in CloudFormation's order."""
        pages = self.client.get_paginator("describe_change_set").paginate(**self._key)
        return [Change.of(each["ResourceChange"]) for page in pages for each in page["Changes"]]

    def execute(self) -> None:
        """Start the changes."""
        self.client.execute_change_set(**self._key)

    def delete(self) -> None:
        """Delete the change set. Nothing else changes."""
        self.client.delete_change_set(**self._key)

    @property
    def _key(self) -> dict[str, str]:
        return {"StackName": self.stack, "ChangeSetName": self.name}
