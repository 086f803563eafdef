"""The workers of payments and refunds, whose jobs send requests to an acquirer."""

from collections.abc import Callable, Sequence

from chalicelib.bootstrap import Gateway
from chalicelib.jobs.batch import Batch, Failures, TimeLeft, no_limit
from chalicelib.jobs.messages import AcquirerJobT, PaymentJob, ProcessPayment, ProcessRefund
from chalicelib.services.acquirer_jobs import Processed
from chalicelib.workers.processing import Record, processing

# A job with a slower acquirer is retried with the same key, so this can be less than the longest call.
ACQUIRER_NEEDS_S = 2.0


def process_payments(
    gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit
) -> Failures:
    """Settle, capture and void the payments that are due, concurrently. Jobs that are not due are resent."""
    batch = Batch(
        queue=gateway.queues.payments, kind=PaymentJob, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )

    payments, captures = gateway.payments, gateway.captures

    def process(job: PaymentJob) -> Processed[PaymentJob]:
        return payments.process(job) if isinstance(job, ProcessPayment) else captures.process(job)

    return _settle(gateway, "payments", batch, PaymentJob, process=process, messages=messages)


def process_refunds(gateway: Gateway, messages: Sequence[Record], time_left: TimeLeft = no_limit) -> Failures:
    """Settle the refunds that are due, concurrently. Jobs that are not due are sent again."""
    batch = Batch(
        queue=gateway.queues.refunds, kind=ProcessRefund, time_left=time_left, needed_s=ACQUIRER_NEEDS_S
    )
    return _settle(
        gateway, "refunds", batch, ProcessRefund, process=gateway.refunds.process, messages=messages
    )


def _settle(
    gateway: Gateway,
    name: str,
    batch: Batch,
    kind: type[AcquirerJobT],
    *,
    process: Callable[[AcquirerJobT], Processed[AcquirerJobT]],
    messages: Sequence[Record],
) -> Failures:
    """Process the jobs of a batch, send the jobs that follow, and count the settled ones."""
    settled = list[bool]()

    def settle(job: AcquirerJobT) -> None:
        processed = process(job)
        if processed.next_job:
            batch.queue.send([processed.next_job])
        settled.append(processed.is_settled)

    done = batch.run(processing(settle, kind, batch.queue), messages)
    gateway.jobs.count(name, completed=sum(settled))
    return done
