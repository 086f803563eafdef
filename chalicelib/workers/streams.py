"""The readers of the streams."""

from collections.abc import Sequence

from chalicelib.bootstrap import Gateway
from chalicelib.jobs.batch import Failures, failures
from chalicelib.metrics import STREAM_DELAY, publish
from chalicelib.streams.dead_letters import read_records
from chalicelib.streams.effects import Effects, RowChange, effects_of
from chalicelib.streams.recorder import PaymentChange
from chalicelib.workers.processing import Record


def relay_changes(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Dispatch the effects of the changes, in order. Raises an error if AWS did not accept all of them."""

    def read(record: Record) -> Effects:
        return effects_of(RowChange.of(record), gateway.settings.tables)

    effects, unreadable = read_records(records, read)
    gateway.relay.dispatch(list(effects.values()))
    gateway.dead_letters.relay.send(unreadable)
    _publish_delay(gateway, "relay", records)
    return failures([])


def record_events(gateway: Gateway, records: Sequence[Record]) -> Failures:
    """Record the events of payments, in order. Lambda retries from the first record that failed."""

    def read(record: Record) -> PaymentChange:
        change = RowChange.of(record)
        return PaymentChange(id=change.id, events=effects_of(change, gateway.settings.tables).events)

    changes, unreadable = read_records(records, read)
    failed = gateway.recorder.record(list(changes.values()))
    gateway.dead_letters.recorder.send(unreadable)
    _publish_delay(gateway, "recorder", records)
    return failures(number for number, change in changes.items() if change.id in failed)


def _publish_delay(gateway: Gateway, reader: str, records: Sequence[Record]) -> None:
    """Publish the seconds from the write of the oldest record to the end of its processing. Never raises.

    The effects are dispatched, and an unreadable record can lack any field.
    """
    times = [record.get("dynamodb", {}).get("ApproximateCreationDateTime") for record in records]
    if oldest := min((at for at in times if isinstance(at, int | float)), default=None):
        publish(STREAM_DELAY, gateway.real_clock().timestamp() - oldest, Reader=reader)
