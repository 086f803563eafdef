"""Response bodies of payment statistics and of the job status."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from chalicelib.api.responses.view import View
from chalicelib.domain.statistics import Figures, Summary
from chalicelib.services.job_status import QueueFigures
from chalicelib.services.stats import Statistics


class FiguresView(View):
    """Figures of payments. ``success_rate``, from 0 to 1, is that of settled payments.

    ``volume`` is by currency.
    """

    count: int
    success: int
    failed: int
    success_rate: float | None
    volume: dict[str, int]

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """The fields of ``figures``."""
        return cls.model_validate(vars(figures) | {"success_rate": figures.success_rate})


class SummaryView(FiguresView):
    """Figures of payments, in total and by method."""

    by_method: dict[str, FiguresView]

    @classmethod
    def summing(cls, summary: Summary) -> dict[str, Any]:
        """The fields of ``summary``."""
        methods = {str(method): FiguresView.of(figures) for method, figures in summary.by_method.items()}
        return FiguresView.of(summary.all).model_dump() | {"by_method": methods}


class DayView(SummaryView):
    """Figures of the payments created on one day, in UTC."""

    date: dt.date


class StatsView(View):
    """Payment statistics of the merchant: all payments, and the payments of each day, oldest first."""

    totals: SummaryView
    days: Sequence[DayView]

    @classmethod
    def of(cls, statistics: Statistics) -> Self:
        """The fields of ``statistics``."""
        return cls(
            totals=SummaryView.model_validate(SummaryView.summing(statistics.total)),
            days=[
                DayView.model_validate(SummaryView.summing(summary) | {"date": day})
                for day, summary in statistics.days.items()
            ],
        )


class QueueFiguresView(View):
    """The number of jobs of one queue or of all queues, by state."""

    pending: int
    processing: int
    completed: int
    failed: int


class JobStatusView(QueueFiguresView):
    """The number of jobs of all queues and of each queue, and the state of the workers."""

    worker_status: Literal["running", "stopped"]
    queues: dict[str, QueueFiguresView]

    @classmethod
    def of(cls, figures: Mapping[str, QueueFigures], *, is_running: bool) -> Self:
        """The fields of the figures of all queues."""
        fields = QueueFiguresView.model_fields
        return cls(
            **{name: sum(getattr(queue, name) for queue in figures.values()) for name in fields},
            worker_status="running" if is_running else "stopped",
            queues={name: QueueFiguresView.model_validate(vars(queue)) for name, queue in figures.items()},
        )
