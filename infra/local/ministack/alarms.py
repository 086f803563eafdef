"""Alarms of expressions, which the embedded AWS rejects. It stores them with their first metric only."""

from typing import Any

_RECORD = "_cw_metric_alarm_record"


def accept_expressions(provisioners: Any) -> None:
    """Let CloudFormation create alarms with several metrics. No local function publishes these metrics."""
    record = getattr(provisioners, _RECORD)
    setattr(provisioners, _RECORD, lambda name, properties: record(name, _simplified(properties)))


def _simplified(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties with the first metric instead of the expression."""
    terms = [each["MetricStat"] for each in properties.get("Metrics", []) if "MetricStat" in each]
    if not terms:
        return properties
    simple = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**simple, **terms[0]["Metric"], "Period": terms[0]["Period"], "Statistic": "Sum"}
