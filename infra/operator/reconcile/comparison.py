"""Compares the charges of a merchant at an acquirer with the merchant's payments, for one day.

A charge is compared on the day on which the acquirer created it, and a successful payment on the day on which
the gateway created it, so that each of both is compared on exactly one day. Both lists are read a little
beyond the day, because the charge of a payment can belong to the next day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.acquirers.base import Acquirer, Charge
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store.lists import ListQuery
from chalicelib.store.payments import PaymentStore
from infra.operator.reconcile.differences import Comparison, Difference, Kind

DAY = timedelta(days=1)
SKEW = timedelta(minutes=5)  # between the clocks of the acquirer and the gateway
EARLIER = timedelta(minutes=15)  # payments before the day that are listed; older ones are read one by one
PAGE = 1_000  # payments
MAX_ID_CHARS = 64  # longer than any id of the gateway; the acquirer's list can contain anything

Charges = dict[str, list[Charge]]
"""The approved charges by payment."""


@dataclass(frozen=True, kw_only=True)
class DayOfMerchant:
    """One UTC day of a merchant at an acquirer, from ``since``.

    ``ignores_others``: whether other systems use the account, too, whose charges are not compared.
    """

    payments: PaymentStore
    acquirer: Acquirer
    merchant_id: str
    since: datetime
    ignores_others: bool = False
    _result: Comparison = field(default_factory=Comparison, init=False)

    def compare(self) -> Comparison:
        """Compare all charges and payments, once. Changes nothing. One request per page and per difference.

        Raises AccountError and CredentialsError.
        """
        known = {payment.id: payment for payment in self._created_payments()}
        charges = self._approved_charges(known)
        for payment_id, of_payment in charges.items():
            if any(self._is_of_day(charge.created_at) for charge in of_payment):
                self._compare_charges(known.get(payment_id) or self._read(payment_id), of_payment)
        methods = self.acquirer.capabilities.methods
        for payment in known.values():
            is_compared = _is_success(payment) and self._is_of_day(payment.created_at)
            if is_compared and payment.id not in charges and payment.instrument.method in methods:
                self._compare_without_charge(payment.id)
        return self._result

    @property
    def _until(self) -> datetime:
        return self.since + DAY

    def _is_of_day(self, moment: datetime) -> bool:
        return self.since <= moment < self._until

    def _created_payments(self) -> Iterator[Payment]:
        query = ListQuery(
            merchant_id=self.merchant_id, limit=PAGE, since=self.since - EARLIER, before=self._until
        )
        while True:
            page = self.payments.page(query)
            yield from page.items
            if page.next_key is None:
                return
            query = replace(query, after=page.next_key, skip=page.skip)

    def _approved_charges(self, known: dict[str, Payment]) -> Charges:
        """The charges from the day until the last payment of the day succeeded, which is after its charge."""
        settled = [one.settled_at for one in known.values() if _is_success(one) and one.settled_at]
        until = max([self._until, *settled]) + SKEW
        charges: Charges = {}
        for charge in self.acquirer.list_charges(self.since - SKEW, until):
            is_compared = self._is_of_day(charge.created_at) or charge.payment_id in known
            if not charge.is_approved or not is_compared:
                continue
            if charge.payment_id is None:
                self._add_other(charge)
            else:
                charges.setdefault(charge.payment_id, []).append(charge)
        return charges

    def _add_other(self, charge: Charge) -> None:
        """A charge that this gateway did not request."""
        if self.ignores_others:
            self._result.others += 1
        else:
            self._add(Kind.MISSING_HERE, None, [charge], "not requested by this gateway")

    def _compare_charges(self, payment: Payment | None, charges: Sequence[Charge]) -> None:
        """Compare the charges of one payment, one or more. Returned money is not a difference."""
        charge = charges[0]
        if payment and not _is_success(payment):
            payment = self._read(payment.id)  # the index can be late, and has no late_authorized_at
        if payment is None:
            self._add(Kind.MISSING_HERE, None, charges, "the payment does not exist")
        elif len(charges) > 1:
            references = ", ".join(one.reference for one in charges[1:])
            self._add(Kind.CHARGED_TWICE, payment, charges, f"also {references}")
        elif payment.late_authorized_at:
            self._result.returned += 1
        elif not _is_success(payment):
            self._add(Kind.MISSING_HERE, payment, charges, f"the payment is {payment.status}")
        elif payment.money != charge.money:
            self._add(Kind.OTHER_AMOUNT, payment, charges)
        else:
            self._result.matched += 1

    def _compare_without_charge(self, payment_id: str) -> None:
        """Report a successful payment without an approved charge, unless that is correct."""
        payment = self._read(payment_id)
        if payment is None or payment.acquirer_name != self.acquirer.name:
            return
        if payment.voided_at:
            self._result.voided += 1
        else:
            self._add(Kind.MISSING_THERE, payment, [])

    def _read(self, payment_id: str) -> Payment | None:
        """The payment with all attributes. The list has neither the acquirer nor the void."""
        return self.payments.get(payment_id) if 0 < len(payment_id) <= MAX_ID_CHARS else None

    def _add(self, kind: Kind, payment: Payment | None, charges: Sequence[Charge], note: str = "") -> None:
        """Add a difference between a payment and its charges. One of both can be missing."""
        charge = charges[0] if charges else None
        stored = payment.acquirer_reference if payment else None
        self._result.differences.append(
            Difference(
                kind=kind,
                payment_id=payment.id if payment else charges[0].payment_id,
                reference=charge.reference if charge else stored,
                here=payment.money if payment else None,
                there=charge.money if charge else None,
                note=note,
            )
        )


def _is_success(payment: Payment) -> bool:
    return payment.status is PaymentStatus.SUCCESS
