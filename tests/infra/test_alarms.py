"""The operator's alarms, and the API's throttling."""

from typing import Any

import pytest

from chalicelib.acquirers.base import ATTENTION
from chalicelib.jobs.queue import MAX_DELAY_S
from chalicelib.metrics import METRICS
from chalicelib.services.audit import NOT_WRITTEN
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import build_template
from infra.template.api import THROTTLES
from infra.template.lambdas import LAMBDAS
from infra.template.queues import JOB_QUEUES, queue_id


@pytest.fixture
def alarms(of_type):
    """All alarms but those of canary deployments, which only CodeDeploy reads."""
    made = of_type("AWS::CloudWatch::Alarm").items()
    return {id_: each for id_, each in made if not id_.endswith("DeploymentAlarm")}


def test_every_dead_letter_queue_has_an_alarm_for_its_first_message(alarms, of_type):
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm["Threshold"]
        for alarm in alarms.values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }
    assert watched == {name: 0 for name in of_type("AWS::SQS::Queue") if "DeadLetters" in name}


def test_a_late_stream_reader_has_an_alarm_long_before_the_streams_are_trimmed(alarms):
    late = [alarm for alarm in alarms.values() if alarm.get("MetricName") == "IteratorAge"]
    watched = {dimension["Value"]["Ref"] for alarm in late for dimension in alarm["Dimensions"]}
    assert watched == {"Relay", "Recorder"}
    assert all(alarm["Threshold"] <= 5 * 60 * 1000 for alarm in late)


def test_faults_of_the_api_have_an_alarm(alarms):
    assert "5XXError" in {alarm.get("MetricName") for alarm in alarms.values()}


def test_an_acquirer_that_needs_attention_has_an_alarm(alarms, of_type):
    assert _alarm_of(_filters(of_type, ATTENTION), alarms)["Threshold"] == 0


def test_an_audit_event_that_is_not_written_has_an_alarm(alarms, of_type):
    filters = _filters(of_type, NOT_WRITTEN)
    assert [each["LogGroupName"]["Ref"] for each in filters] == ["APIHandlerLogGroup"]
    assert _alarm_of(filters, alarms)["Threshold"] == 0


def test_responses_with_429_have_an_alarm_at_more_than_one_per_second(alarms, of_type):
    filters = [
        each
        for each in of_type("AWS::Logs::MetricFilter").values()
        if each["LogGroupName"] == {"Ref": "AccessLogGroup"}
    ]
    assert [each["FilterPattern"] for each in filters] == ['{ $.status = "429" }']
    alarm = _alarm_of(filters, alarms)
    assert (alarm["Threshold"], alarm["Period"]) == (300, 300)


def test_every_job_queue_has_an_alarm_for_its_oldest_job_above_the_longest_delay(alarms):
    ages = [each for each in alarms.values() if each.get("MetricName") == "ApproximateAgeOfOldestMessage"]
    watched = {each["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for each in ages}
    assert watched == {queue_id(name) for name in JOB_QUEUES}
    assert all(MAX_DELAY_S + 180 < each["Threshold"] <= 3_600 for each in ages)


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm_for_repeated_errors_and_throttles(alarms, metric: str):
    watched = {id_: each for id_, each in alarms.items() if id_ != "PaymentPageAlarm"}  # one error is enough
    found = [each for each in watched.values() if each.get("MetricName") == metric]
    assert {each["Dimensions"][0]["Value"]["Ref"] for each in found} == set(LAMBDAS)
    assert {(each["DatapointsToAlarm"], each["EvaluationPeriods"]) for each in found} == {(3, 5)}


def test_rates_are_compared_only_with_enough_attempts(alarms):
    webhooks = alarms["WebhookSuccessAlarm"]
    assert webhooks["ComparisonOperator"] == "LessThanThreshold"
    (result, *terms) = webhooks["Metrics"]
    assert result["Expression"] == "IF(number >= 20, 100 * rate, 100)"
    statistics = {each["Id"]: each["MetricStat"]["Stat"] for each in terms}
    assert statistics == {"number": "SampleCount", "rate": "Average"}
    for name in ("stripe", "razorpay"):
        (result, *terms) = alarms[f"{name.capitalize()}FailuresAlarm"]["Metrics"]
        assert result["Expression"] == "IF(number >= 10, 100 * rate, 0)"
        for term in terms:
            assert term["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "Acquirer", "Value": name}]


def test_metrics_of_the_gateway_in_alarms_are_published(alarms):
    published = {metric.name: set(metric.dimensions) for metric in METRICS}
    own = [
        term["MetricStat"]["Metric"]
        for each in alarms.values()
        for term in each.get("Metrics", [])
        if "MetricStat" in term
    ]
    assert own
    for metric in own:
        assert metric["Namespace"] == {"Ref": "AWS::StackName"}
        assert {each["Name"] for each in metric["Dimensions"]} == published[metric["MetricName"]]


def test_every_alarm_notifies_the_topic_when_it_is_raised_and_when_it_is_over(alarms):
    topic = [{"Ref": "AlarmTopic"}]
    assert {(str(each["AlarmActions"]), str(each["OKActions"])) for each in alarms.values()} == {
        (str(topic), str(topic))
    }


def test_the_topic_has_a_subscription_only_with_an_address():
    def subscriptions(**options: str) -> list[Any]:
        made = build_template(Stage.of("prod", options))["Resources"].values()
        return [each["Properties"] for each in made if each.get("Type") == "AWS::SNS::Subscription"]

    assert subscriptions() == []
    (email,) = subscriptions(ALARM_EMAIL="ops@acme.example")
    assert (email["Protocol"], email["Endpoint"]) == ("email", "ops@acme.example")
    with pytest.raises(InfraError, match="ALARM_EMAIL must be an email address, not 'ops'"):
        subscriptions(ALARM_EMAIL="ops")


def test_a_local_stage_has_only_the_alarms_of_earlier_versions():
    made = build_template(Stage("local"))["Resources"]
    alarms = [each["Properties"] for each in made.values() if each.get("Type") == "AWS::CloudWatch::Alarm"]
    assert len(alarms) == 10
    assert not [each for each in alarms if "AlarmActions" in each]
    kinds = {each["Type"].split("::")[1] for each in made.values() if "Type" in each}
    assert not {"SNS", "ApiGateway"} & kinds


def test_the_log_of_every_function_that_reads_credentials_is_counted(of_type):
    counted = {each["LogGroupName"]["Ref"] for each in _filters(of_type, ATTENTION)}
    readers = {
        id_
        for id_, role in of_type("AWS::IAM::Role").items()
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if "ssm:GetParameter" in statement["Action"] and "/acquirers/" in statement["Resource"]["Fn::Sub"]
    }
    assert counted == {f"{id_.removesuffix('Role')}LogGroup" for id_ in readers}


def _metric(each: dict[str, Any]) -> tuple[str, str]:
    """The namespace and name of a metric, in an alarm or a filter."""
    namespace = each.get("MetricNamespace") or each.get("Namespace")
    return str(namespace), each.get("MetricName", "")


def _filters(of_type, message: str) -> list[dict[str, Any]]:
    """The filters that count the entries with the message."""
    pattern = f'{{ $.message = "{message}" }}'
    return [one for one in of_type("AWS::Logs::MetricFilter").values() if one["FilterPattern"] == pattern]


def _alarm_of(filters, alarms) -> dict[str, Any]:
    """The alarm of the metric that all ``filters`` count."""
    ((counted,),) = {tuple(map(_metric, each["MetricTransformations"])) for each in filters}
    (alarm,) = [each for each in alarms.values() if _metric(each) == counted]
    assert alarm["Statistic"] == "Sum"
    return dict(alarm)


def test_the_api_is_throttled_and_sign_in_has_a_lower_limit(of_type):
    (api,) = of_type("AWS::Serverless::Api").values()
    rates = {
        (method["HttpMethod"], method["ResourcePath"]): method["ThrottlingRateLimit"]
        for method in api["MethodSettings"]
    }
    assert len(rates) == len(THROTTLES)
    assert rates["POST", "/~1api~1v1~1sessions"] < rates["*", "/*"]
    assert rates["PUT", "/~1api~1v1~1merchants~1me~1password"] < rates["*", "/*"]


def test_every_route_with_its_own_limit_exists(of_type):
    (api,) = of_type("AWS::Serverless::Api").values()
    paths = api["DefinitionBody"]["paths"]
    for method, path in THROTTLES:
        assert path == "/*" or method.lower() in paths[path]
