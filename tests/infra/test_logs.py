"""The audit log, the access log of the API, and tracing."""

import json
from typing import Any

import pytest

from infra.errors import InfraError
from infra.stage import Stage
from infra.template import build_template
from infra.template.lambdas import LAMBDAS
from infra.template.roles import role_id

Json = dict[str, Any]


def template(name: str, **environment: str) -> Json:
    made: Json = build_template(Stage.of(name, environment))["Resources"]
    return made


def statements(resources: Json, function: str) -> list[Json]:
    """The statements of the role of a function."""
    found: list[Json] = resources[role_id(function)]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    return found


def test_the_audit_log_outlives_a_year_and_its_stage(resources: Json):
    group = resources["AuditLogGroup"]
    assert group["Properties"] == {"RetentionInDays": 400}
    for id_ in ("AuditLogGroup", "AuditLogGroupApiStream", "AuditLogGroupOperatorStream", "AccessLogGroup"):
        assert resources[id_]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resources[id_]["UpdateReplacePolicy"] == "Retain"
    assert template("dev")["AuditLogGroup"]["DeletionPolicy"] == "Delete"


def test_only_the_api_appends_to_the_audit_log_and_it_can_do_nothing_else(resources: Json):
    found = [
        (function, statement["Action"], statement["Resource"]["Fn::Sub"].rpartition("log-group:")[2])
        for function in LAMBDAS
        for statement in statements(resources, function)
        if "AuditLogGroup" in str(statement)
    ]
    assert found == [("APIHandler", ["logs:PutLogEvents"], "${AuditLogGroup}:log-stream:api")]
    knows = [
        function
        for function in LAMBDAS
        if "AUDIT_LOG_GROUP" in resources[function]["Properties"]["Environment"]["Variables"]
    ]
    assert knows == ["APIHandler"]


def test_the_access_log_has_the_route_and_neither_query_nor_credentials(resources: Json):
    setting = resources["RestAPI"]["Properties"]["AccessLogSetting"]
    assert setting["DestinationArn"]["Fn::Sub"].endswith("log-group:${AccessLogGroup}")
    line = json.loads(setting["Format"])
    assert line["route"] == "$context.resourcePath"
    assert set(line) == {
        "requestId",
        "method",
        "status",
        "latencyMs",
        "integrationLatencyMs",
        "responseBytes",
        "time",
        "sourceIp",
        "route",
        "userAgent",
    }
    for part in ("$context.path", "querystring", "authorizer", "identity.apiKey", "header"):
        assert part not in setting["Format"]


def test_the_role_with_which_api_gateway_writes_logs_is_kept_for_the_other_apis(resources: Json):
    assert resources["RestAPI"]["DependsOn"] == ["ApiGatewayAccount"]
    for id_ in ("ApiGatewayAccount", "ApiGatewayLogRole"):
        assert resources[id_]["DeletionPolicy"] == resources[id_]["UpdateReplacePolicy"] == "Retain"


def test_tracing_is_off_by_default_and_traces_every_function_and_the_api(resources: Json):
    assert "xray" not in json.dumps(resources)
    assert '"Active"' not in json.dumps(resources)
    assert "TracingEnabled" not in resources["RestAPI"]["Properties"]
    traced = template("prod", TRACING="on")
    assert traced["RestAPI"]["Properties"]["TracingEnabled"] is True
    for function in LAMBDAS:
        assert traced[function]["Properties"]["Tracing"] == "Active"
        (statement,) = [one for one in statements(traced, function) if one["Resource"] == "*"]
        assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]


def test_tracing_has_two_values():
    with pytest.raises(InfraError, match="TRACING must be on or off, not 'yes'"):
        template("prod", TRACING="yes")


def test_a_local_stage_has_neither_log():
    local = template("local", TRACING="on")
    assert not {"AuditLogGroup", "AccessLogGroup", "ApiGatewayAccount"} & local.keys()
    assert "AUDIT_LOG_GROUP" not in json.dumps(local)
    assert "AccessLogSetting" not in json.dumps(local)
    assert "Tracing" not in json.dumps(local)
