"""The access log of the API: one line of JSON for each request, also for those that API Gateway rejects.

The lines contain the path of the route, not that of the request, and neither query string nor headers except
the user agent, so that they contain no token.
"""

import json
from typing import Any

from infra.stage import Api, Stage
from infra.template.kept_logs import ACCESS_GROUP
from infra.template.names import arn, ref

LOG_ROLE, ACCOUNT = "ApiGatewayLogRole", "ApiGatewayAccount"

_COMMON = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "integrationLatencyMs": "$context.integrationLatency",
    "responseBytes": "$context.responseLength",
    "time": "$context.requestTimeEpoch",
    "sourceIp": "$context.identity.sourceIp",
}
_ROUTE = {Api.REST: "$context.resourcePath", Api.HTTP: "$context.routeKey"}
_LAST = {"userAgent": "$context.identity.userAgent"}  # the only text that the client chooses

THROTTLED_PATTERN = '{ $.status = "429" }'


def log_format(api: Api) -> str:
    """The format of a line: JSON whose values are text."""
    return json.dumps(_COMMON | {"route": _ROUTE[api]} | _LAST)


def resources(stage: Stage) -> dict[str, Any]:
    """The role with which the REST APIs of an account write logs. HTTP APIs need none.

    The setting belongs to the account and region, not to the stage: it is kept when the stage is destroyed,
    because other APIs use it. API Gateway rejects access logs of a REST API without it.
    """
    if stage.is_local or stage.api is Api.HTTP:
        return {}
    policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    trusted = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {
        LOG_ROLE: _kept(
            "AWS::IAM::Role",
            {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusted]},
                "ManagedPolicyArns": [{"Fn::Sub": policy}],
            },
        ),
        ACCOUNT: _kept("AWS::ApiGateway::Account", {"CloudWatchRoleArn": arn(LOG_ROLE)}),
    }


def rest_api_properties(stage: Stage) -> dict[str, Any]:
    """Properties of the REST API's stage."""
    return {} if stage.is_local else {"AccessLogSetting": _setting(Api.REST)}


def rest_api_dependency(stage: Stage) -> dict[str, Any]:
    """The attribute of the REST API with which CloudFormation creates its stage after the account's role."""
    return {} if stage.is_local else {"DependsOn": [ACCOUNT]}


def http_api_properties(stage: Stage) -> dict[str, Any]:
    """Properties of the HTTP API's stage."""
    return {} if stage.is_local else {"AccessLogSettings": _setting(Api.HTTP)}


def _setting(api: Api) -> dict[str, Any]:
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${" + ACCESS_GROUP + "}"
    return {"DestinationArn": {"Fn::Sub": group}, "Format": log_format(api)}


def throttled_filter(namespace: dict[str, str], metric: str) -> dict[str, Any]:
    """Counts the responses with 429, of API Gateway and of the code."""
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": ref(ACCESS_GROUP),
            "FilterPattern": THROTTLED_PATTERN,
            "MetricTransformations": [
                {"MetricNamespace": namespace, "MetricName": metric, "MetricValue": "1"}
            ],
        },
    }


def _kept(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": kind,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
