"""Response bodies of figures: statistics of payments, and the state of the jobs."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from chalicelib.api.responses.view import View
from chalicelib.domain.statistics import Figures, Summary
from chalicelib.services.job_status import QueueFigures
from chalicelib.services.stats import Statistics


class FiguresView(View):
    """Some payments. ``success_rate`` is from 0 to 1, of those that ended; ``volume`` is by currency."""

    count: int
    success: int
    failed: int
    success_rate: float | None
    volume: dict[str, int]

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """What is shown of ``figures``."""
        return cls.model_validate(vars(figures) | {"success_rate": figures.success_rate})


class SummaryView(FiguresView):
    """Some payments, and the same by method."""

    by_method: dict[str, FiguresView]

    @classmethod
    def summing(cls, summary: Summary) -> dict[str, Any]:
        """The fields that are shown of ``summary``."""
        methods = {str(method): FiguresView.of(figures) for method, figures in summary.by_method.items()}
        return FiguresView.of(summary.all).model_dump() | {"by_method": methods}


class DayView(SummaryView):
    """The payments that were created on one day, in UTC."""

    date: dt.date


class StatsView(View):
    """A merchant's payments: all there ever were, and those of each day, the oldest first."""

    totals: SummaryView
    days: Sequence[DayView]

    @classmethod
    def of(cls, statistics: Statistics) -> Self:
        """What is shown of ``statistics``."""
        return cls(
            totals=SummaryView.model_validate(SummaryView.summing(statistics.total)),
            days=[
                DayView.model_validate(SummaryView.summing(summary) | {"date": day})
                for day, summary in statistics.days.items()
            ],
        )


class QueueFiguresView(View):
    """The jobs of one queue, or of all."""

    pending: int
    processing: int
    completed: int
    failed: int


class JobStatusView(QueueFiguresView):
    """The jobs of all queues, and of each."""

    worker_status: Literal["running", "stopped"]
    queues: dict[str, QueueFiguresView]

    @classmethod
    def of(cls, figures: Mapping[str, QueueFigures], *, is_running: bool) -> Self:
        """What is shown of the queues' figures."""
        fields = QueueFiguresView.model_fields
        return cls(
            **{name: sum(getattr(queue, name) for queue in figures.values()) for name in fields},
            worker_status="running" if is_running else "stopped",
            queues={name: QueueFiguresView.model_validate(vars(queue)) for name, queue in figures.items()},
        )
