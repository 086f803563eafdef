"""The operator's alarms, and the API's throttling."""

import pytest

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
