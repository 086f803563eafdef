"""What the buyer has to do before the acquirer can decide about a payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ActionType(StrEnum):
    """Open a page of the bank, or open a UPI link, which a QR code can also show."""

    REDIRECT = "redirect"
    UPI = "upi"


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """The action for which the payment waits until ``expires_at``. ``url`` is the page or the UPI link."""

    type: ActionType
    url: str
    expires_at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the action, which responses and events contain."""
        where = "link" if self.type is ActionType.UPI else "url"
        return {"type": self.type, where: self.url, "expires_at": self.expires_at}
