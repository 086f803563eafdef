"""The template of a stage with API=http."""

import json
from typing import Any

import pytest

import app
from infra.deploy.packaging import package
from infra.errors import InfraError
from infra.stage import Api, Stage
from infra.template.api import THROTTLES

Json = dict[str, Any]
HTTP_STAGE = Stage.of("prod", {"API": "http"})
STATEFUL = {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::IAM::Role"}


@pytest.fixture(scope="module")
def template() -> Json:
    return package(HTTP_STAGE).template()


@pytest.fixture(scope="module")
def http_resources(template: Json) -> Json:
    resources: Json = template["Resources"]
    return resources


def properties(resources: Json, kind: str) -> Json:
    """The properties of every resource of a type, by logical id."""
    return {id_: each["Properties"] for id_, each in resources.items() if each["Type"] == kind}


def test_a_stage_has_a_rest_api_by_default_and_only_known_kinds():
    assert Stage.of("dev", {}).api is Stage.of("dev", {"API": "rest"}).api is Api.REST
    assert HTTP_STAGE.api is Api.HTTP
    with pytest.raises(InfraError, match="API must be rest or http, not 'soap'"):
        Stage.of("dev", {"API": "soap"})


def test_every_path_has_a_route_and_all_others_reach_the_code(http_resources: Json):
    keys = {each["RouteKey"] for each in properties(http_resources, "AWS::ApiGatewayV2::Route").values()}
    throttled = {f"{method} {path}" for method, path in THROTTLES if method != "*"}
    assert keys == {"$default", *throttled, *(f"ANY {path}" for path in app.app.routes)}


def test_the_rest_api_is_replaced_and_no_other_resource_changes(http_resources: Json, resources: Json):
    assert "RestAPI" not in http_resources
    kept = set(resources) - {"RestAPI", "ApiGatewayLogRole", "ApiGatewayAccount"}
    assert kept == {id_ for id_, each in http_resources.items() if "ApiGatewayV2" not in each["Type"]}
    changed = {id_ for id_ in kept if resources[id_] != http_resources[id_]}
    distributions = {"CheckoutDistribution", "DashboardDistribution"}
    assert changed == {"APIHandlerInvokePermission", "ApiFaultsAlarm", "Dashboard", *distributions}
    assert not {resources[id_]["Type"] for id_ in changed} & STATEFUL


def test_references_name_the_http_api(template: Json):
    outputs, resources = template["Outputs"], template["Resources"]
    assert outputs["HttpAPIId"]["Value"] == {"Ref": "HttpAPI"}
    assert "RestAPI" not in str(template)
    url = "https://${HttpAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/gateway"
    assert outputs["EndpointURL"]["Value"] == {"Fn::Sub": f"{url}/"}
    for id_ in ("CheckoutDistribution", "DashboardDistribution"):
        _, api = resources[id_]["Properties"]["DistributionConfig"]["Origins"]
        assert {"Fn::Sub": f"https://{api['DomainName']['Fn::Sub']}{api['OriginPath']}"} == {"Fn::Sub": url}


def test_the_throttles_are_those_of_the_rest_api(http_resources: Json):
    ((id_, stage),) = properties(http_resources, "AWS::ApiGatewayV2::Stage").items()
    limits = {
        tuple(key.split(" ")): (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for key, each in {**stage["RouteSettings"], "* /*": stage["DefaultRouteSettings"]}.items()
    }
    assert limits == THROTTLES
    routes = properties(http_resources, "AWS::ApiGatewayV2::Route")
    first = {routes[route]["RouteKey"] for route in http_resources[id_]["DependsOn"]}
    assert first == set(stage["RouteSettings"])


def test_browsers_have_the_same_permissions_as_with_a_rest_api(http_resources: Json):
    """API Gateway replaces the CORS headers of the code by these."""
    ((_, api),) = properties(http_resources, "AWS::ApiGatewayV2::Api").items()
    cors = api["CorsConfiguration"]
    route = next(iter(app.app.routes["/health"].values()))
    headers = route.cors.get_access_control_headers()
    assert cors["AllowOrigins"] == [headers["Access-Control-Allow-Origin"]]
    assert set(cors["AllowHeaders"]) == set(headers["Access-Control-Allow-Headers"].split(","))
    assert set(cors["ExposeHeaders"]) == set(headers["Access-Control-Expose-Headers"].split(","))
    assert str(cors["MaxAge"]) == headers["Access-Control-Max-Age"]
    assert set(cors["AllowMethods"]) >= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def test_faults_of_the_http_api_have_an_alarm(http_resources: Json):
    alarm = http_resources["ApiFaultsAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "HttpAPI"}}]


def test_the_access_log_has_the_route_and_no_role_of_the_account(http_resources: Json):
    ((_, stage),) = properties(http_resources, "AWS::ApiGatewayV2::Stage").items()
    assert stage["AccessLogSettings"]["DestinationArn"]["Fn::Sub"].endswith("${AccessLogGroup}")
    assert json.loads(stage["AccessLogSettings"]["Format"])["route"] == "$context.routeKey"
    assert not properties(http_resources, "AWS::ApiGateway::Account")


def test_the_dashboard_shows_the_http_api(http_resources: Json):
    ((_, dashboard),) = properties(http_resources, "AWS::CloudWatch::Dashboard").items()
    body = dashboard["DashboardBody"]["Fn::Sub"]
    assert '"AWS/ApiGateway", "5xx", "ApiId", "${HttpAPI}"' in body
    assert "ApiName" not in body
