"""What the buyer has to do before the acquirer can decide about a payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ActionType(StrEnum):
    """Open a page of the bank or the acquirer, or open a UPI link, which a QR code can also show."""

    REDIRECT = "redirect"
    UPI = "upi"


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """The action for which the payment waits until ``expires_at``. ``url`` is the page or the UPI link.

    ``embeddable``: whether a page allows frames. ``qr_svg_url`` is the QR code of a UPI link.
    ``simulator_url`` is a page that acts as the buyer's phone; only the simulated acquirer has one.
    """

    type: ActionType
    url: str
    expires_at: datetime
    embeddable: bool = False
    qr_svg_url: str | None = None
    simulator_url: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the action, which responses and events contain."""
        always = {"type": self.type, "expires_at": self.expires_at}
        if self.type is ActionType.REDIRECT:
            return always | {"url": self.url, "embeddable": self.embeddable}
        urls = {"link": self.url, "qr_svg_url": self.qr_svg_url, "simulator_url": self.simulator_url}
        return always | {name: url for name, url in urls.items() if url is not None}
