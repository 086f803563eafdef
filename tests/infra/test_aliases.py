"""The aliases of production, in the template that CloudFormation makes of the deployed one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from infra.deploy.packaging import Package, package
from infra.stage import Stage
from infra.template.aliases import add_aliases, add_canary, add_snapshots
from infra.template.lambdas import LAMBDAS

Template = dict[str, Any]
ALIASES = {f"{id_}Aliaslive" for id_ in LAMBDAS}


class ManagedPolicies:
    """The managed policies of AWS that SAM asks for by name."""

    def load(self) -> dict[str, str]:
        prefix = "arn:aws:iam::aws:policy/service-role/"
        return {name: prefix + name for name in ("AWSCodeDeployRoleForLambda", "AWSLambdaBasicExecutionRole")}


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def transformed(template: Template) -> Template:
    """The resources that CloudFormation's SAM transform makes."""
    copy = json.loads(json.dumps(template))
    for resource in copy["Resources"].values():
        for part in ("CodeUri", "ContentUri"):
            if part in resource["Properties"]:
                resource["Properties"][part] = "s3://bucket/" + resource["Properties"][part].strip("./")
    made: Template = transform(copy, {}, ManagedPolicies())["Resources"]
    return made


@pytest.fixture(scope="module")
def http_package() -> Package:
    return package(Stage.of("prod", {"API": "http"}))


@pytest.fixture(params=["production_package", "http_package"])
def canary(request: pytest.FixtureRequest) -> Template:
    return transformed(request.getfixturevalue(request.param).template())


@pytest.fixture
def at_once(production_package: Package) -> Template:
    return transformed(package(Stage.of("prod", {"DEPLOYMENT": "all-at-once"})).template())


def of_type(resources: Template, kind: str) -> Template:
    return {id_: each for id_, each in resources.items() if each["Type"] == kind}


def references(value: Any) -> Iterator[str]:
    """Every resource to which ``value`` refers by Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0]
            elif key == "Fn::Sub":
                text = inner if isinstance(inner, str) else inner[0]
                yield from (part.split("}")[0].split(".")[0] for part in text.split("${")[1:])
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_queues_and_streams_invoke_the_alias(canary: Template, at_once: Template):
    for resources in (canary, at_once):
        sources = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
        invoked = {each["Properties"]["FunctionName"]["Ref"] for each in sources}
        assert invoked == ALIASES - {"APIHandlerAliaslive"}


def test_the_api_invokes_the_alias_and_nothing_else(canary: Template, at_once: Template):
    for resources in (canary, at_once):
        permission = resources["APIHandlerInvokePermission"]["Properties"]
        assert permission["FunctionName"] == {"Ref": "APIHandlerAliaslive"}
        apis = of_type(resources, "AWS::ApiGateway::RestApi") or of_type(
            resources, "AWS::ApiGatewayV2::Integration"
        )
        assert set(references(list(apis.values()))) & (set(LAMBDAS) | ALIASES) == {"APIHandlerAliaslive"}


def test_each_alias_is_shifted_by_canary_and_back_on_an_alarm(canary: Template):
    groups = of_type(canary, "AWS::CodeDeploy::DeploymentGroup")
    alarms = of_type(canary, "AWS::CloudWatch::Alarm")
    assert set(of_type(canary, "AWS::Lambda::Alias")) == ALIASES
    for id_ in LAMBDAS:
        update = canary[f"{id_}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = groups[update["DeploymentGroupName"]["Ref"]]["Properties"]
        assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        used = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert used[0] == f"{id_}DeploymentAlarm"
        assert set(used) <= set(alarms)
    api = groups["APIHandlerDeploymentGroup"]["Properties"]["AlarmConfiguration"]["Alarms"]
    assert {"Name": {"Ref": "ApiFaultsAlarm"}} in api


def test_the_alarm_of_a_function_counts_errors_of_its_newest_version_only(canary: Template):
    for id_ in LAMBDAS:
        properties = canary[f"{id_}DeploymentAlarm"]["Properties"]
        dimensions = {each["Name"]: each["Value"] for each in properties["Dimensions"]}
        published = canary[f"{id_}Aliaslive"]["Properties"]["FunctionVersion"]
        assert dimensions["ExecutedVersion"] == published
        assert dimensions["FunctionName"] == {"Ref": id_}
        assert dimensions["Resource"] == {"Fn::Sub": "${" + id_ + "}:live"}
        assert (properties["MetricName"], properties["Statistic"]) == ("Errors", "Sum")


def test_all_at_once_has_aliases_without_codedeploy(at_once: Template):
    assert set(of_type(at_once, "AWS::Lambda::Alias")) == ALIASES
    assert not [id_ for id_, each in at_once.items() if "CodeDeploy" in each["Type"]]
    assert not [id_ for id_ in at_once if id_.endswith("DeploymentAlarm")]


def test_a_development_stage_has_no_versions():
    resources = transformed(package(Stage("dev")).template())
    assert not of_type(resources, "AWS::Lambda::Alias")
    assert not of_type(resources, "AWS::Lambda::Version")


def versions(template: Template) -> set[str]:
    return set(of_type(transformed(template), "AWS::Lambda::Version"))


def plain(tmp_path: Path, *, layer: bytes = b"1", setting: str = "1") -> Template:
    """A template with aliases whose layer and settings are given."""
    (tmp_path / "layer.zip").write_bytes(layer)
    properties = {"CodeUri": "deployment.zip", "Handler": "h", "Runtime": "python3.13", "Role": "role"}
    function = {"Type": "AWS::Serverless::Function", "Properties": properties}
    resources: Template = {id_: json.loads(json.dumps(function)) for id_ in LAMBDAS}
    for each in resources.values():
        each["Properties"] |= {
            "Environment": {"Variables": {"X": setting}},
            "Layers": [{"Ref": "ManagedLayer"}],
        }
    resources["ManagedLayer"] = {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {"ContentUri": "layer.zip"},
    }
    permission = {"FunctionName": {"Ref": "APIHandler"}, "Action": "a", "Principal": "p"}
    resources["APIHandlerInvokePermission"] = {"Type": "AWS::Lambda::Permission", "Properties": permission}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    add_aliases(template, tmp_path)
    add_canary(template)
    return template


def test_a_change_of_the_settings_or_of_the_dependencies_publishes_versions(tmp_path: Path):
    """SAM alone compares only the address of the code."""
    published = versions(plain(tmp_path))
    assert len(published) == len(LAMBDAS)
    assert versions(plain(tmp_path)) == published
    assert not versions(plain(tmp_path, setting="2")) & published
    assert not versions(plain(tmp_path, layer=b"2")) & published


def test_the_template_has_no_circular_references(canary: Template):
    edges = {
        id_: set(references([each.get("Properties"), each.get("UpdatePolicy")]))
        | set([each["DependsOn"]] if isinstance(each.get("DependsOn"), str) else each.get("DependsOn", []))
        for id_, each in canary.items()
    }
    done: set[str] = set()

    def visit(id_: str, path: tuple[str, ...]) -> None:
        assert id_ not in path, f"{' -> '.join((*path, id_))}"
        if id_ not in done:
            for target in edges.get(id_, set()) - {id_}:
                visit(target, (*path, id_))
            done.add(id_)

    for id_ in edges:
        visit(id_, ())


def test_functions_start_from_snapshots_of_their_versions_only_if_chosen(canary: Template, at_once: Template):
    assert "SnapStart" not in json.dumps(canary)
    template = package(Stage.of("prod", {"DEPLOYMENT": "all-at-once"})).template()
    add_snapshots(template)
    chosen = transformed(template)
    for id_ in LAMBDAS:
        assert chosen[id_]["Properties"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    policies = {each["DeletionPolicy"] for each in of_type(chosen, "AWS::Lambda::Version").values()}
    assert policies == {"Delete"}
    assert {each["DeletionPolicy"] for each in of_type(at_once, "AWS::Lambda::Version").values()} == {
        "Retain"
    }
