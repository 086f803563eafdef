"""The series of values that alarms and the dashboard read: a metric with its dimensions and a statistic."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.metrics import Metric
from infra.stage import Api, Stage
from infra.template.api import API_IDS
from infra.template.names import attribute, ref

NAMESPACE = {"Ref": "AWS::StackName"}  # of the gateway's metrics; the functions derive the same name


@dataclass(frozen=True, kw_only=True)
class Series:
    """One statistic of a metric. Namespace and dimensions are values of CloudFormation."""

    namespace: str | dict[str, str]
    metric: str
    statistic: str
    dimensions: Mapping[str, Any]


def of_gateway(metric: Metric, statistic: str, **dimensions: str) -> Series:
    """A metric that the functions publish."""
    return of_filter(metric.name, statistic, **dimensions)


def of_filter(name: str, statistic: str = "Sum", **dimensions: str) -> Series:
    """A metric that a filter counts in a log."""
    return Series(namespace=NAMESPACE, metric=name, statistic=statistic, dimensions=dimensions)


def of_function(id_: str, metric: str, statistic: str = "Sum") -> Series:
    """A metric of Lambda."""
    return Series(
        namespace="AWS/Lambda", metric=metric, statistic=statistic, dimensions={"FunctionName": ref(id_)}
    )


def of_queue(id_: str, metric: str) -> Series:
    """The maximum of a metric of SQS."""
    return Series(
        namespace="AWS/SQS",
        metric=metric,
        statistic="Maximum",
        dimensions={"QueueName": attribute(id_, "QueueName")},
    )


def of_api(stage: Stage, metric: str, statistic: str = "Sum") -> Series:
    """A metric of API Gateway, by its name for REST APIs. HTTP APIs have metrics by id, REST APIs by name."""
    if stage.api is Api.REST:
        name = {"Fn::Sub": "${AWS::StackName}"}
        return _of_api(metric, statistic, {"ApiName": name})
    http_name = {"5XXError": "5xx", "4XXError": "4xx"}.get(metric, metric)
    return _of_api(http_name, statistic, {"ApiId": ref(API_IDS[Api.HTTP])})


def _of_api(metric: str, statistic: str, dimensions: dict[str, Any]) -> Series:
    return Series(namespace="AWS/ApiGateway", metric=metric, statistic=statistic, dimensions=dimensions)
