"""An order: what a merchant wants to be paid for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.money import Money

MAX_RECEIPT_CHARS = 255


class OrderStatus(StrEnum):
    """An order is only ever created; what was paid for it, its payments say."""

    CREATED = "created"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order of a merchant. ``notes`` come back as they came and mean nothing to the gateway."""

    id: str
    merchant_id: str
    money: Money
    receipt: str | None
    notes: Mapping[str, Any]
    status: OrderStatus
    created_at: datetime
    updated_at: datetime
