"""A received webhook."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """A webhook request, with the result of the verification and the status of the response."""

    number: int
    received_at: datetime
    headers: dict[str, str]
    body: bytes
    webhook_id: str
    attempt: int
    problem: str | None
    status: int
    hint: str | None = None

    @property
    def verified(self) -> bool:
        """Whether both signatures are valid."""
        return self.problem is None

    @property
    def explanation(self) -> str:
        """The problem and the hint to fix it."""
        return ". ".join(part for part in (self.problem, self.hint) if part)

    @property
    def payload(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is not one."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def event(self) -> str:
        """The event's name, or an empty string."""
        return _text(self.payload.get("event"))

    @property
    def payment_id(self) -> str:
        """The id of the event's payment, or an empty string."""
        data = self.payload.get("data")
        payment = data.get("payment") if isinstance(data, dict) else None
        return _text(payment.get("id")) if isinstance(payment, dict) else ""

    def line(self) -> str:
        """The delivery in one line. Unprintable characters of the request are replaced."""
        result = "verified" if self.verified else f"NOT VERIFIED: {self.explanation}"
        time = self.received_at.astimezone().strftime("%H:%M:%S")
        event, payment = _printable(self.event or "?"), _printable(self.payment_id or "-")
        return f"{time} {event:<18} {payment:<20} attempt {self.attempt} -> {self.status}  {result}"

    def as_json(self) -> dict[str, Any]:
        """The delivery in the format of `GET /deliveries`."""
        return {
            "number": self.number,
            "received_at": self.received_at.isoformat(timespec="milliseconds"),
            "event": self.event,
            "payment_id": self.payment_id,
            "webhook_id": self.webhook_id,
            "attempt": self.attempt,
            "verified": self.verified,
            "problem": self.problem,
            "hint": self.hint,
            "status": self.status,
            "headers": self.headers,
            "body": self.body.decode(errors="replace"),
        }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Make text of a request safe for a terminal: replace unprintable characters, and truncate it."""
    return "".join(character if character.isprintable() else "?" for character in text)[:64]
