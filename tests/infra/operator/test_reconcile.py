"""The reconciliation finds exactly the differences between the charges and the payments of a day."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.acquirers.base import Charge, Declined, Unknown
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus
from infra.__main__ import main
from infra.operator.deployment import Deployment
from infra.operator.reconcile.comparison import PAGE, SKEW, DayOfMerchant
from infra.operator.reconcile.differences import Comparison, Difference, Kind
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT, MERCHANT_ID, paid, pay

DAY = START.replace(hour=0, minute=0, second=0)
NEXT_DAY = DAY + timedelta(days=1)
RUPEES = Money(50_000, "INR")
DECLINED = Declined(code=DeclineCode.CARD_DECLINED, description="Declined")
ROUTED = replace(MERCHANT, acquirers={PaymentMethod.UPI: "second"})

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _lists(cloud: Cloud) -> None:
    """The acquirer lists its charges."""
    cloud.acquirer.listed = []


def charge(payment_id: str | None, *, at: datetime = START, **values: Any) -> Charge:
    """An approved charge."""
    values = {"reference": f"ref_charge:{payment_id}", "money": RUPEES, "is_approved": True, **values}
    return Charge(payment_id=payment_id, created_at=at, **values)


def list_(cloud: Cloud, *charges: Charge) -> None:
    """Let the acquirer list these charges."""
    cloud.acquirer.listed = list(charges)


def compare(cloud: Cloud, *, since: datetime = DAY, **options: Any) -> Comparison:
    gateway = cloud.gateway
    return DayOfMerchant(
        payments=gateway.payments.payments,
        acquirer=gateway.acquirers.of("recording", MERCHANT_ID),
        merchant_id=MERCHANT_ID,
        since=since,
        **options,
    ).compare()


def kinds(comparison: Comparison) -> list[Kind]:
    return [one.kind for one in comparison.differences]


def paid_at(cloud: Cloud, moment: datetime) -> Payment:
    """A successful payment that was created at ``moment``."""
    cloud.time.move_to(moment)
    return paid(cloud)


def test_a_payment_and_its_charge_match(cloud: Cloud):
    payment = paid(cloud)
    list_(cloud, charge(payment.id))
    assert compare(cloud) == Comparison(matched=1)


def test_a_successful_payment_without_a_charge_is_missing_there(cloud: Cloud):
    payment = paid(cloud)
    difference = Difference(
        kind=Kind.MISSING_THERE, payment_id=payment.id, reference=f"ref_charge:{payment.id}", here=RUPEES
    )
    assert compare(cloud) == Comparison(differences=[difference])


def test_a_declined_charge_does_not_match_a_successful_payment(cloud: Cloud):
    payment = paid(cloud)
    list_(cloud, charge(payment.id, is_approved=False))
    assert kinds(compare(cloud)) == [Kind.MISSING_THERE]


def test_a_failed_payment_with_a_declined_charge_is_not_a_difference(cloud: Cloud):
    cloud.acquirer.approves = False
    list_(cloud, charge(paid(cloud).id, is_approved=False))
    assert compare(cloud) == Comparison()


@pytest.mark.parametrize("payment_id", ["pay_0000000000000000", "", "x" * 5_000])
def test_a_charge_of_an_unknown_payment_is_missing_here(cloud: Cloud, payment_id: str):
    list_(cloud, charge(payment_id, reference="ch_1"))
    difference = Difference(
        kind=Kind.MISSING_HERE,
        payment_id=payment_id,
        reference="ch_1",
        there=RUPEES,
        note="the payment does not exist",
    )
    assert compare(cloud) == Comparison(differences=[difference])


def test_a_charge_of_another_system_is_missing_here_unless_they_are_ignored(cloud: Cloud):
    list_(cloud, charge(None), charge(None, at=NEXT_DAY))
    (difference,) = compare(cloud).differences
    assert (difference.kind, difference.note) == (Kind.MISSING_HERE, "not requested by this gateway")
    assert compare(cloud, ignores_others=True) == Comparison(others=1)


@pytest.mark.parametrize("status", [PaymentStatus.PENDING, PaymentStatus.FAILED])
def test_an_approved_charge_of_a_payment_that_did_not_succeed_is_missing_here(
    cloud: Cloud, status: PaymentStatus
):
    cloud.acquirer.script = [DECLINED if status is PaymentStatus.FAILED else Unknown()]
    payment = paid(cloud) if status is PaymentStatus.FAILED else pay(cloud)
    list_(cloud, charge(payment.id))
    (difference,) = compare(cloud).differences
    assert (difference.kind, difference.note) == (Kind.MISSING_HERE, f"the payment is {status}")


def test_a_late_approval_whose_money_was_returned_is_not_a_difference(cloud: Cloud):
    cloud.acquirer.script = [DECLINED]
    payment = paid(cloud)
    cloud.gateway.payments.payments.record_late_authorization(
        payment.id, reference="ref_1", now=cloud.gateway.clock()
    )
    list_(cloud, charge(payment.id))
    assert compare(cloud) == Comparison(returned=1)


@pytest.mark.parametrize("money", [Money(49_999, "INR"), Money(50_000, "USD")])
def test_another_amount_or_currency_is_a_difference(cloud: Cloud, money: Money):
    payment = paid(cloud)
    list_(cloud, charge(payment.id, money=money))
    (difference,) = compare(cloud).differences
    assert (difference.kind, difference.here, difference.there) == (Kind.OTHER_AMOUNT, RUPEES, money)


def test_two_approved_charges_of_one_payment_are_a_difference(cloud: Cloud):
    payment = paid(cloud)
    list_(cloud, charge(payment.id, reference="ch_1"), charge(payment.id, reference="ch_2"))
    comparison = compare(cloud)
    (difference,) = comparison.differences
    assert (difference.kind, difference.reference, difference.note) == (
        Kind.CHARGED_TWICE,
        "ch_1",
        "also ch_2",
    )
    assert comparison.matched == 0


def test_a_second_attempt_after_a_declined_charge_is_not_a_difference(cloud: Cloud):
    payment = paid(cloud)
    list_(cloud, charge(payment.id, is_approved=False), charge(payment.id))
    assert compare(cloud) == Comparison(matched=1)


def test_a_voided_payment_without_a_charge_is_not_a_difference(cloud: Cloud):
    payment = paid(cloud, capture=CaptureMode.MANUAL)
    cloud.gateway.captures.void(payment.id, MERCHANT_ID)
    assert compare(cloud) == Comparison(voided=1)


def test_a_payment_of_another_acquirer_is_not_compared(cloud: Cloud):
    cloud.gateway.acquirers.credentials.put(MERCHANT_ID, "second", {"key": "k"})
    pay(cloud, merchant=ROUTED)
    cloud.run(for_s=15)
    assert compare(cloud) == Comparison()


def test_payments_of_methods_that_the_acquirer_does_not_support_are_not_read(cloud: Cloud):
    paid(cloud)
    cloud.acquirer.methods = frozenset({PaymentMethod.CARD})
    requests: list[str] = []
    cloud.count_requests(requests)
    assert compare(cloud) == Comparison()
    assert requests == ["dynamodb.Query"]


def test_a_payment_at_the_end_of_the_day_matches_a_charge_of_the_next_day(cloud: Cloud):
    payment = paid_at(cloud, NEXT_DAY - timedelta(seconds=1))
    list_(cloud, charge(payment.id, at=NEXT_DAY + timedelta(seconds=5)))
    assert compare(cloud) == Comparison()
    assert compare(cloud, since=NEXT_DAY) == Comparison(matched=1)


def test_a_charge_long_after_its_payment_is_found(cloud: Cloud):
    """The acquirer did not respond for hours."""
    payment = pay(cloud)
    cloud.time.move_to(NEXT_DAY + timedelta(hours=6))
    cloud.run(for_s=1)
    list_(cloud, charge(payment.id, at=NEXT_DAY + timedelta(hours=6)))
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert compare(cloud) == Comparison()
    assert compare(cloud, since=NEXT_DAY) == Comparison(matched=1)


def test_a_charge_slightly_before_its_payment_matches(cloud: Cloud):
    """The clock of the acquirer is late."""
    payment = paid_at(cloud, NEXT_DAY)
    list_(cloud, charge(payment.id, at=NEXT_DAY - SKEW))
    assert compare(cloud, since=NEXT_DAY) == Comparison()
    assert compare(cloud) == Comparison(matched=1)


@pytest.mark.parametrize("at", [DAY, NEXT_DAY - timedelta(milliseconds=1)])
def test_each_missing_charge_belongs_to_one_day(cloud: Cloud, at: datetime):
    paid_at(cloud, START)
    cloud.time.move_to(NEXT_DAY)
    list_(cloud, charge("pay_0000000000000000", at=at))
    found = [kinds(compare(cloud, since=DAY + timedelta(days=offset))) for offset in (-1, 0, 1)]
    assert found == [[], [Kind.MISSING_HERE, Kind.MISSING_THERE], []]


def test_a_reconciliation_only_reads(cloud: Cloud):
    paid(cloud)
    paid(cloud)
    list_(cloud, charge("pay_0000000000000000"))
    requests: list[str] = []
    cloud.count_requests(requests)
    compare(cloud)
    assert requests == ["dynamodb.Query", *["dynamodb.GetItem"] * 3]


def test_thousands_of_charges_take_one_request_for_each_page(cloud: Cloud):
    count, store = 3_000, cloud.gateway.payments.payments
    one = replace(paid(cloud), acquirer_reference=None)
    copies = [replace(one, id=f"pay_{number:016}") for number in range(count)]
    with store._table.batch_write() as batch:
        for copy in copies:
            row = store._row(copy)
            row.settled_at = one.settled_at
            batch.save(row)
    list_(cloud, *(charge(copy.id) for copy in [*copies, one]))
    requests: list[str] = []
    cloud.count_requests(requests)
    assert compare(cloud) == Comparison(matched=count + 1)
    assert len(requests) <= count // PAGE + 2


@pytest.fixture
def run(cloud: Cloud, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command at the end of the day, with the acquirers of the cloud."""
    monkeypatch.setattr(Deployment, "load", lambda _stage: deployment)
    cloud.gateway.onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.UPI, "recording")

    def command(*words: str, acquirer: str = "recording", day: str = "2026-03-14") -> int:
        cloud.time.move_to(NEXT_DAY)
        return main(["reconcile", "--acquirer", acquirer, "--day", day, *words])

    return command


def test_a_day_without_differences_has_the_exit_status_0(
    cloud: Cloud, run: Callable[..., int], capsys: Capture
):
    payment = paid(cloud)
    list_(cloud, charge(payment.id))
    assert run() == 0
    assert capsys.readouterr().out == (
        "Charges of recording and payments of 2026-03-14 (UTC)\n\n"
        f"Test Merchant ({MERCHANT_ID}): 1 matched, 0 differences\n"
    )


def test_each_difference_is_one_line_with_ids_and_amounts(
    cloud: Cloud, run: Callable[..., int], capsys: Capture
):
    missing, other, twice = paid(cloud), paid(cloud), paid(cloud)
    list_(
        cloud,
        charge(other.id, reference="ch_1", money=Money(100, "INR")),
        charge(None, reference="ch_2"),
        charge(twice.id, reference="ch_3"),
        charge(twice.id, reference="ch_4"),
    )
    assert run("--merchant", "test@example.com") == 1
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[2:]]
    assert lines[0][-4:] == ["0", "matched,", "4", "differences"]
    unrequested = ["not", "requested", "by", "this", "gateway"]
    assert lines[1:] == [
        ["charged", "twice", twice.id, "ch_3", "500.00", "INR", "also", "ch_4"],
        ["missing", "here", "-", "ch_2", "500.00", "INR", "there", *unrequested],
        ["missing", "there", missing.id, f"ref_charge:{missing.id}", "500.00", "INR", "here"],
        ["other", "amount", other.id, "ch_1", "500.00", "INR", "here,", "1.00", "INR", "there"],
    ]


def test_the_result_as_json(cloud: Cloud, run: Callable[..., int], capsys: Capture):
    list_(cloud, charge("pay_1", reference="ch_1"))
    assert run("--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "acquirer": "recording",
        "day": "2026-03-14",
        "merchants": [
            {
                "id": MERCHANT_ID,
                "name": "Test Merchant",
                "matched": 0,
                "returned": 0,
                "voided": 0,
                "others": 0,
                "differences": [
                    {
                        "kind": "missing here",
                        "payment_id": "pay_1",
                        "reference": "ch_1",
                        "here": None,
                        "there": {"amount": 50_000, "currency": "INR"},
                        "note": "the payment does not exist",
                    }
                ],
            }
        ],
    }


def test_charges_of_other_systems_can_be_ignored(cloud: Cloud, run: Callable[..., int], capsys: Capture):
    list_(cloud, charge(None))
    assert run("--ignore-others") == 0
    assert "0 matched, 0 differences, 1 not requested by this gateway" in capsys.readouterr().out


def test_a_merchant_that_used_the_acquirer_before_is_compared(
    cloud: Cloud, run: Callable[..., int], capsys: Capture
):
    cloud.gateway.onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.UPI, "simulated")
    assert run() == 2
    assert capsys.readouterr().err == "No merchant uses the acquirer recording.\n"
    for merchant_id, name in ((MERCHANT_ID, "recording"), ("another", "recording"), (MERCHANT_ID, "second")):
        cloud.gateway.acquirers.credentials.put(merchant_id, name, {"key": "k"})
    assert run() == 0
    assert capsys.readouterr().out.count("matched") == 1


def test_a_merchant_whose_account_is_refused_does_not_affect_the_others(
    cloud: Cloud, run: Callable[..., int], capsys: Capture
):
    cloud.second.listed = []
    onboarding = cloud.gateway.onboarding
    for name in ("Bakery", "Atelier"):
        created = onboarding.create(name=name, email=f"{name}@example.com", password="long enough 123")
        onboarding.set_acquirer(created.merchant.id, PaymentMethod.UPI, "second")
    cloud.gateway.acquirers.credentials.put(created.merchant.id, "second", {"key": "k"})
    assert run(acquirer="second") == 2
    output = capsys.readouterr()
    assert output.err.startswith("Bakery (")
    assert output.err.endswith("has no valid credentials at acquirer second.\n")
    assert "Atelier" in output.out
    assert "Bakery" not in output.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"acquirer": "third"}, "The acquirer third does not exist. Use one of: "),
        ({"acquirer": "second"}, "The acquirer second does not list its charges, so they cannot be"),
        ({"day": "2026-03-15"}, "The day 2026-03-15 (UTC) is not over."),
    ],
)
def test_an_error_has_the_exit_status_2(
    run: Callable[..., int], words: dict[str, str], reason: str, capsys: Capture
):
    assert run(**words) == 2
    assert capsys.readouterr().err.startswith(reason)


def test_an_unknown_merchant_has_the_exit_status_2(run: Callable[..., int], capsys: Capture):
    assert run("--merchant", "unknown") == 2
    assert "Merchant unknown does not exist" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "14.03.2026"])
def test_an_invalid_day_has_the_exit_status_2(run: Callable[..., int], day: str):
    with pytest.raises(SystemExit) as exited:
        run(day=day)
    assert exited.value.code == 2
