"""One CloudWatch alarm, of a series or of an expression of several."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.template.names import physical_name
from infra.template.series import Series


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that is raised while ``measured`` is above ``threshold``, or below it.

    ``measured`` is a series, or an ``expression`` of the ``terms``. It must be so in ``periods`` of the last
    ``of_periods``, of ``period_s`` each. Missing data is not a reason: nothing happened.
    """

    name: str
    description: str
    threshold: float
    measured: Series | None = None
    expression: str = ""
    terms: Mapping[str, Series] = field(default_factory=dict)
    is_minimum: bool = False
    period_s: int = 60
    periods: int = 1
    of_periods: int = 1

    def resource(self, actions: Mapping[str, Any]) -> dict[str, Any]:
        """The resource, with ``actions`` in its properties."""
        sensitivity = {"DatapointsToAlarm": self.periods} if self.of_periods > 1 else {}
        return {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": physical_name(self.name),
                "AlarmDescription": self.description,
                **self._measured(),
                "EvaluationPeriods": self.of_periods,
                **sensitivity,
                "Threshold": self.threshold,
                "ComparisonOperator": "LessThanThreshold" if self.is_minimum else "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                **actions,
            },
        }

    def _measured(self) -> dict[str, Any]:
        if self.measured:
            return {
                **_metric(self.measured),
                "Statistic": self.measured.statistic,
                "Period": self.period_s,
            }
        terms = [
            {
                "Id": id_,
                "ReturnData": False,
                "MetricStat": {
                    "Metric": _metric(term),
                    "Stat": term.statistic,
                    "Period": self.period_s,
                },
            }
            for id_, term in self.terms.items()
        ]
        return {"Metrics": [{"Id": "result", "Expression": self.expression, "ReturnData": True}, *terms]}


def _metric(series: Series) -> dict[str, Any]:
    return {
        "Namespace": series.namespace,
        "MetricName": series.metric,
        "Dimensions": [{"Name": key, "Value": value} for key, value in series.dimensions.items()],
    }
