"""The CloudWatch dashboard: every metric in it exists."""

import json
from typing import Any

import pytest

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.metrics import METRICS, AcquirerOutcome, AttemptOutcome
from infra.stage import Stage
from infra.template import build_template
from infra.template.alarms import HTTP_ACQUIRERS, THROTTLED_METRIC
from infra.template.lambdas import LAMBDAS

# The metrics of AWS that the dashboard shows, and the dimension by which each is published.
OF_AWS: dict[str, tuple[str, set[str]]] = {
    "AWS/Lambda": ("FunctionName", {"Errors"}),
    "AWS/SQS": ("QueueName", {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
}
OF_API: dict[str, tuple[str, str, set[str]]] = {
    "rest": ("ApiName", "${AWS::StackName}", {"Count", "Latency", "4XXError", "5XXError"}),
    "http": ("ApiId", "${HttpAPI}", {"Count", "Latency", "4xx", "5xx"}),
}
VALUES: dict[str, set[str]] = {
    "Method": set(PaymentMethod),
    "Outcome": {"success", "failed"},
    "Result": {*AttemptOutcome, *AcquirerOutcome},
    "Reader": {"relay", "recorder"},
    "Acquirer": set(HTTP_ACQUIRERS),
}
MAX_FREE_METRICS = 50  # of one of the three dashboards that an account has without a charge

Metric = list[Any]


def dashboard(api: str = "rest") -> list[Any]:
    """The widgets."""
    resources = build_template(Stage.of("prod", {"API": api}))["Resources"]
    widgets: list[Any] = json.loads(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])[
        "widgets"
    ]
    return widgets


def metrics(api: str = "rest") -> list[Metric]:
    """The metrics of all widgets: namespace, name, dimensions and options."""
    return [metric for widget in dashboard(api) for metric in widget["properties"]["metrics"]]


@pytest.mark.parametrize("api", ["rest", "http"])
def test_metrics_of_aws_have_the_dimensions_by_which_they_are_published(api: str):
    resources = build_template(Stage.of("prod", {"API": api}))["Resources"]
    for namespace, name, *dimensions, _options in metrics(api):
        if namespace == "AWS/ApiGateway":
            api_dimension, value, of_api = OF_API[api]
            assert (dimensions, name in of_api) == ([api_dimension, value], True)
        elif namespace.startswith("AWS/"):
            dimension, names = OF_AWS[namespace]
            assert (dimensions[0], name in names, len(dimensions)) == (dimension, True, 2)
            assert dimensions[1].removeprefix("${").split("}")[0].split(".")[0] in resources


def test_metrics_of_the_gateway_are_published_with_these_dimensions_and_values():
    published = {metric.name: metric.dimensions for metric in METRICS} | {THROTTLED_METRIC: ()}
    own = [each for each in metrics() if not each[0].startswith("AWS/")]
    for namespace, name, *dimensions, _options in own:
        assert namespace == "${AWS::StackName}"
        given = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
        assert tuple(given) == published[name]
        assert all(value in VALUES[key] for key, value in given.items())
    assert {each[1] for each in own} == set(published)


def test_every_function_queue_and_stream_reader_is_shown():
    shown = str(metrics())
    assert not [id_ for id_ in LAMBDAS if f"${{{id_}}}" not in shown]
    queues = [id_ for id_ in build_template(Stage("prod"))["Resources"] if id_.endswith("Queue")]
    assert not [id_ for id_ in queues if f"${{{id_}.QueueName}}" not in shown]


def test_the_dashboard_is_small_enough_to_be_free_of_charge():
    assert len({str(each[:-1]) for each in metrics()}) <= MAX_FREE_METRICS


def test_widgets_do_not_overlap_and_have_a_title():
    placed = [(widget["x"], widget["y"]) for widget in dashboard()]
    assert len(set(placed)) == len(placed)
    assert all(widget["x"] + widget["width"] <= 24 for widget in dashboard())
    titles = [widget["properties"]["title"] for widget in dashboard()]
    assert len(set(titles)) == len(titles)


def test_a_local_stage_has_no_dashboard():
    assert "Dashboard" not in build_template(Stage("local"))["Resources"]
