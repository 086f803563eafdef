"""The charges of the simulated acquirer in DynamoDB. TTL deletes them. Not used in production."""

from datetime import datetime, timedelta

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.models import Model

from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.simulated_charge import ChargeOutcome, SimulatedCharge
from chalicelib.store import write

KEPT_FOR = timedelta(days=3)  # after the action expired; the last check of the gateway is an hour later


class SimulatedChargeRow(Model):
    """A charge. The buyer can answer until ``action_expires_at``; the row is kept until ``expires_at``."""

    class Meta:
        table_name = "simulated_charges"

    id = UnicodeAttribute(hash_key=True)
    payment_id = UnicodeAttribute(null=True)
    type = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    outcome = UnicodeAttribute()
    wrong_codes = NumberAttribute()
    embeddable = BooleanAttribute()
    return_url = UnicodeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    action_expires_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()


class SimulatedChargeStore:
    """The charges, by the reference of the acquirer."""

    def __init__(self, table: type[SimulatedChargeRow]) -> None:
        self._table = table

    def open(self, charge: SimulatedCharge) -> SimulatedCharge:
        """Write a new charge. Returns the stored one if the id exists. One request."""
        row = self._table(
            id=charge.id,
            payment_id=charge.payment_id,
            type=charge.type,
            amount=charge.money.amount,
            currency=charge.money.currency,
            outcome=charge.outcome,
            wrong_codes=charge.wrong_codes,
            embeddable=charge.embeddable,
            return_url=charge.return_url,
            created_at=charge.created_at,
            action_expires_at=charge.expires_at,
            expires_at=charge.expires_at + KEPT_FOR,
        )
        try:
            write.put(row, self._table.id.does_not_exist())
        except write.ConditionFailedError as failure:
            return _charge_from_row(failure.row) if failure.row else charge
        return charge

    def get(self, charge_id: str) -> SimulatedCharge | None:
        """The charge. One request."""
        try:
            return _charge_from_row(self._table.get(charge_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def change(
        self, charge: SimulatedCharge, changed: SimulatedCharge, *, before_expiry: datetime | None = None
    ) -> SimulatedCharge:
        """Set the outcome and the wrong codes of ``changed`` if the charge still waits. One request.

        With ``before_expiry``, only if the action has not expired at that time. A wrong code counts only if
        no other one was counted since ``charge`` was read. Returns the current charge.
        """
        table = self._table
        actions = [table.outcome.set(changed.outcome)]
        condition = table.outcome == ChargeOutcome.WAITING
        if before_expiry:
            condition &= table.action_expires_at > before_expiry
        if changed.wrong_codes != charge.wrong_codes:
            actions.append(table.wrong_codes.set(changed.wrong_codes))
            condition &= table.wrong_codes == charge.wrong_codes
        try:
            return _charge_from_row(write.update(table(charge.id), actions, condition))
        except write.ConditionFailedError as failure:
            return _charge_from_row(failure.row) if failure.row else charge


def _charge_from_row(row: SimulatedChargeRow) -> SimulatedCharge:
    return SimulatedCharge(
        id=row.id,
        payment_id=row.payment_id,
        type=ActionType(row.type),
        money=Money(int(row.amount), row.currency),
        outcome=ChargeOutcome(row.outcome),
        wrong_codes=int(row.wrong_codes),
        embeddable=bool(row.embeddable),
        return_url=row.return_url,
        created_at=row.created_at,
        expires_at=row.action_expires_at,
    )
