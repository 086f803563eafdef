"""The routes of sums and exports."""

from chalicelib.api.call import Call
from chalicelib.api.queries import PeriodQuery
from chalicelib.api.responses.finance import ExportView, SummaryView
from chalicelib.api.route import Route
from chalicelib.services.finance import Period


def get_summary(call: Call, query: PeriodQuery) -> SummaryView:
    """Add up the payments of a period, by currency.

    The sums of payments created in the period that succeeded and were not voided, with what was refunded of
    them, including pending refunds. A response contains the newest payments of the period; send its
    `next_cursor` as `cursor` for the next ones, and add the parts.
    """
    return SummaryView.of(call.gateway.finance.summary(_period(call, query)))


def export_payments(call: Call, query: PeriodQuery) -> ExportView:
    """Export the payments that were created in a period, newest first, as CSV.

    A response has at most 1,000 lines. While there is more, it has the header `Next-Cursor`: send it as
    `cursor` and append the response. Only the first part has the line with the names of the columns.
    """
    return ExportView.of(call.gateway.finance.export_payments(_period(call, query)), name="payments")


def export_refunds(call: Call, query: PeriodQuery) -> ExportView:
    """Export the refunds that were created in a period, newest first, as CSV.

    In parts, like the export of payments.
    """
    return ExportView.of(call.gateway.finance.export_refunds(_period(call, query)), name="refunds")


def export_events(call: Call, query: PeriodQuery) -> ExportView:
    """Export the events that were recorded in a period, oldest first, as CSV.

    In parts, like the export of payments. Events are deleted 90 days after they were recorded; an earlier
    `from` starts at the oldest event.
    """
    return ExportView.of(call.gateway.finance.export_events(_period(call, query)), name="events")


def _period(call: Call, query: PeriodQuery) -> Period:
    return Period(
        merchant_id=call.merchant.id, since=query.since, before=query.before, after=query.start_key()
    )


ROUTES = [
    Route("GET", "/api/v1/summary", get_summary),
    Route("GET", "/api/v1/exports/payments", export_payments),
    Route("GET", "/api/v1/exports/refunds", export_refunds),
    Route("GET", "/api/v1/exports/events", export_events),
]
