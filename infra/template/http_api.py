"""The HTTP API of a stage with API=http, in place of the REST API that Chalice generates.

The function serves unknown paths too: an HTTP API cannot respond to them in the format of the API's errors.
"""

import re
from typing import Any

from infra.stage import Api, Stage
from infra.template import access_logs
from infra.template.api import API_IDS, THROTTLES, url
from infra.template.lambdas import API_STAGE
from infra.template.names import arn, logical_id, output, ref

API_ID = API_IDS[Api.HTTP]
_REST_API = API_IDS[Api.REST]
_INTEGRATION, _STAGE, _PERMISSION = "HttpAPIIntegration", "HttpAPIStage", "APIHandlerInvokePermission"
_DEFAULT_ROUTE = "$default"
_TIMEOUT_MS = 30_000  # the maximum; the function's time-out is shorter
_CORS_HEADER = re.compile(r"^method\.response\.header\.Access-Control-(Allow-)?")


def replace_rest_api(template: dict[str, Any], stage: Stage) -> None:
    """Replace the REST API in Chalice's ``template``: its resource, its permission and its outputs."""
    resources, outputs = template["Resources"], template["Outputs"]
    paths = resources.pop(_REST_API)["Properties"]["DefinitionBody"]["paths"]
    resources |= _resources(paths, stage)
    resources[_PERMISSION]["Properties"]["SourceArn"] = {
        "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + API_ID + "}/*"
    }
    del outputs[f"{_REST_API}Id"]
    outputs[f"{API_ID}Id"] = output(ref(API_ID), "The id of the HTTP API")
    outputs["EndpointURL"] = output({"Fn::Sub": f"{url(stage)}/"}, "The URL of the API")


def _resources(paths: dict[str, Any], stage: Stage) -> dict[str, Any]:
    throttled = [f"{method} {path}" for method, path in THROTTLES if method != "*"]
    keys = [_DEFAULT_ROUTE, *(f"ANY {path}" for path in paths), *throttled]
    return {
        API_ID: {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": {"Fn::Sub": "${AWS::StackName}"},
                "ProtocolType": "HTTP",
                "CorsConfiguration": _cors(paths),
            },
        },
        _INTEGRATION: {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": ref(API_ID),
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": arn("APIHandler"),
                "PayloadFormatVersion": "2.0",
                "TimeoutInMillis": _TIMEOUT_MS,
            },
        },
        **{_route_id(key): _route(key) for key in keys},
        _STAGE: _stage(throttled, stage),
    }


def _route(key: str) -> dict[str, Any]:
    target = {"Fn::Sub": "integrations/${" + _INTEGRATION + "}"}
    return {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": ref(API_ID), "RouteKey": key, "Target": target},
    }


def _route_id(key: str) -> str:
    """The logical id of a route: ``HttpAPIRouteAnyApiV1OrdersOrderId`` for ANY /api/v1/orders/{order_id}."""
    words = "".join(each if each.isalnum() else "-" for each in key)
    return f"{API_ID}Route{logical_id(words)}"


def _stage(throttled: list[str], stage: Stage) -> dict[str, Any]:
    """The stage. Its settings name routes, so these must exist first."""
    limits = {f"{method} {path}": _limits(*limit) for (method, path), limit in THROTTLES.items()}
    return {
        "Type": "AWS::ApiGatewayV2::Stage",
        "DependsOn": [_route_id(key) for key in throttled],
        "Properties": {
            "ApiId": ref(API_ID),
            "StageName": API_STAGE,
            "AutoDeploy": True,
            "DefaultRouteSettings": limits.pop("* /*"),
            "RouteSettings": limits,
            **access_logs.http_api_properties(stage),
        },
    }


def _limits(per_s: int, burst: int) -> dict[str, int]:
    return {"ThrottlingRateLimit": per_s, "ThrottlingBurstLimit": burst}


def _cors(paths: dict[str, Any]) -> dict[str, Any]:
    """The REST API's preflight, which all paths share. API Gateway ignores the CORS headers of the code."""
    preflight = next(iter(paths.values()))["options"]["x-amazon-apigateway-integration"]
    headers = {
        _CORS_HEADER.sub("", name): value.strip("'")
        for name, value in preflight["responses"]["default"]["responseParameters"].items()
    }
    return {
        "AllowOrigins": [headers["Origin"]],
        "AllowMethods": headers["Methods"].split(","),
        "AllowHeaders": headers["Headers"].split(","),
        "ExposeHeaders": headers["Expose-Headers"].split(","),
        "MaxAge": int(headers["Max-Age"]),
    }
