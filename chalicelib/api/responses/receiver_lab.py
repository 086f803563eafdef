"""Response bodies of the receiver lab."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from chalicelib.api.responses.view import View
from chalicelib.domain.lab.check import Check, CheckName, CheckResult, Status
from chalicelib.domain.lab.checks import CHECKS

GUIDE = "docs/webhooks.md"


class ReceiverCheckItem(View):
    """A check of a receiver. ``guide`` is the document that explains it, in the repository."""

    check: CheckName
    purpose: str
    guide: str

    @classmethod
    def of(cls, check: Check) -> Self:
        """The fields of ``check``."""
        return cls(check=check.name, purpose=check.purpose, guide=f"{GUIDE}#{check.section}")


class ReceiverCheckListView(View):
    """All checks of a receiver, in the order in which they should run."""

    data: Sequence[ReceiverCheckItem] = Field(max_length=len(CHECKS))


class ReceiverCheckView(ReceiverCheckItem):
    """The result of a check.

    ``advice`` is what the check cannot see from outside. ``latency_ms`` is that of the slowest response, null
    without a response.
    """

    status: Status
    reason: str
    advice: str | None
    latency_ms: int | None

    @classmethod
    def with_result(cls, result: CheckResult) -> Self:
        """The fields of ``result``."""
        item = ReceiverCheckItem.of(result.check)
        return cls(
            **vars(item),
            status=result.status,
            reason=result.reason,
            advice=result.check.advice,
            latency_ms=result.latency_ms,
        )
