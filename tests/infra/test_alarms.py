"""The operator's alarms, and the API's throttling."""

from typing import Any

import pytest

from chalicelib.acquirers.base import ATTENTION
from infra.template.api import THROTTLES


@pytest.fixture
def alarms(of_type):
    return of_type("AWS::CloudWatch::Alarm")


def test_every_dead_letter_queue_has_an_alarm_for_its_first_message(alarms, of_type):
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm["Threshold"]
        for alarm in alarms.values()
        if alarm["Namespace"] == "AWS/SQS"
    }
    assert watched == {name: 0 for name in of_type("AWS::SQS::Queue") if "DeadLetters" in name}


def test_a_late_stream_reader_has_an_alarm_long_before_the_streams_are_trimmed(alarms):
    late = [alarm for alarm in alarms.values() if alarm["MetricName"] == "IteratorAge"]
    watched = {dimension["Value"]["Ref"] for alarm in late for dimension in alarm["Dimensions"]}
    assert watched == {"Relay", "Recorder"}
    assert all(alarm["Threshold"] <= 5 * 60 * 1000 for alarm in late)


def test_faults_of_the_api_have_an_alarm(alarms):
    assert "5XXError" in {alarm["MetricName"] for alarm in alarms.values()}


def test_an_acquirer_that_needs_attention_has_an_alarm(alarms, of_type):
    filters = of_type("AWS::Logs::MetricFilter").values()
    assert {each["FilterPattern"] for each in filters} == {f'{{ $.message = "{ATTENTION}" }}'}
    ((counted,),) = {tuple(map(_metric, each["MetricTransformations"])) for each in filters}
    (alarm,) = [each for each in alarms.values() if _metric(each) == counted]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)


def test_the_log_of_every_function_that_reads_credentials_is_counted(of_type):
    counted = {each["LogGroupName"]["Ref"] for each in of_type("AWS::Logs::MetricFilter").values()}
    readers = {
        id_
        for id_, role in of_type("AWS::IAM::Role").items()
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
        if "ssm:GetParameter" in statement["Action"] and "/acquirers/" in statement["Resource"]["Fn::Sub"]
    }
    assert counted == {f"{id_.removesuffix('Role')}LogGroup" for id_ in readers}


def _metric(each: dict[str, Any]) -> tuple[str, str]:
    """The namespace and name of a metric, in an alarm or a filter."""
    namespace = each.get("MetricNamespace") or each["Namespace"]
    return str(namespace), each["MetricName"]


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
