"""The aliases of the functions, and canary deployments.

API Gateway, queues and streams invoke the alias `live` of each function. In a canary deployment, CodeDeploy
gives a new version 10% of the traffic for five minutes, and takes it back if an alarm is raised. CodeDeploy
is free of charge for Lambda.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.template.lambdas import LAMBDAS
from infra.template.names import attribute, physical_name, ref

ALIAS = "live"
TYPE = "Canary10Percent5Minutes"

# Alarms of the stage that also stop a deployment: the API turns errors into 5xx responses, and a reader that
# cannot read is late. Neither is an error of an invocation.
STAGE_ALARMS = {"APIHandler": "ApiFaultsAlarm", "Relay": "RelayLagAlarm", "Recorder": "RecorderLagAlarm"}
_INTEGRATION = "x-amazon-apigateway-integration"
_API = "APIHandler"
_API_ALIAS = f"{_API}Alias{ALIAS}"  # the name that SAM gives the alias
_DIGEST_CHARS = 16


def add_aliases(template: dict[str, Any], folder: Path) -> None:
    """Add the aliases to ``template``, whose archives are in ``folder``."""
    resources = template["Resources"]
    _replace_references(resources)
    dependencies = _dependencies(resources, folder)
    for id_ in LAMBDAS:
        resources[id_]["Properties"] |= {
            "AutoPublishAlias": ALIAS,
            # A change of the settings or memory is a new version, as a change of the code is. SAM compares
            # the layer with the dependencies by its logical id only.
            "AutoPublishAliasAllProperties": True,
            "Description": f"dependencies {dependencies}",
        }


def add_snapshots(template: dict[str, Any]) -> None:
    """Let new versions of the functions in ``template`` with aliases start from a snapshot (SnapStart).

    A snapshot is charged for as long as its version exists, so an update deletes the replaced version.
    """
    for id_ in LAMBDAS:
        template["Resources"][id_]["Properties"] |= {
            "SnapStart": {"ApplyOn": "PublishedVersions"},
            "VersionDeletionPolicy": "Delete",
        }


def add_canary(template: dict[str, Any]) -> None:
    """Add the canary deployments to ``template`` with aliases, and an alarm for each function."""
    resources = template["Resources"]
    for id_ in LAMBDAS:
        alarm = f"{id_}DeploymentAlarm"
        resources[alarm] = _alarm(id_)
        alarms = [alarm, STAGE_ALARMS[id_]] if id_ in STAGE_ALARMS else [alarm]
        resources[id_]["Properties"]["DeploymentPreference"] = {
            "Type": TYPE,
            "Alarms": [ref(each) for each in alarms],
        }


def _replace_references(resources: dict[str, Any]) -> None:
    """Let API Gateway invoke the alias of the API's function instead of the function."""
    resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] = ref(_API_ALIAS)
    for resource in resources.values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Api":
            for path in properties["DefinitionBody"]["paths"].values():
                for method in path.values():
                    _replace(method.get(_INTEGRATION, {}), "uri", _alias_in)
        if resource["Type"] == "AWS::ApiGatewayV2::Integration":
            _replace(properties, "IntegrationUri", lambda _function: ref(_API_ALIAS))


def _replace(holder: dict[str, Any], key: str, by: Callable[[Any], Any]) -> None:
    """Replace ``holder[key]`` if it is there: mocks of preflights invoke no function."""
    if key in holder:
        holder[key] = by(holder[key])


def _alias_in(uri: dict[str, str]) -> dict[str, str]:
    return {"Fn::Sub": uri["Fn::Sub"].replace("${" + _API + ".Arn}", "${" + _API_ALIAS + "}")}


def _dependencies(resources: dict[str, Any], folder: Path) -> str:
    """A digest of the content of the layers."""
    digest = hashlib.sha256()
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            digest.update((folder / resource["Properties"]["ContentUri"]).read_bytes())
    return digest.hexdigest()[:_DIGEST_CHARS]


def _alarm(function: str) -> dict[str, Any]:
    """The alarm for errors of the function's newest version, behind its alias."""
    dimensions = {
        "FunctionName": ref(function),
        "Resource": {"Fn::Sub": "${" + function + "}:" + ALIAS},
        "ExecutedVersion": attribute(f"{function}.Version", "Version"),
    }
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": physical_name(f"{LAMBDAS[function].name}-deployment"),
            "AlarmDescription": f"The newest version of the function {LAMBDAS[function].name} failed",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }
