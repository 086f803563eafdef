"""A stage that is deployed on moto, for the operator's commands."""

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from infra.aws import Aws
from infra.operator.deployment import Deployment, function_name
from infra.stage import Stage
from infra.template.queues import STREAM_DEAD_LETTERS
from tests.cloud import Cloud

STAGE = "dev"


@pytest.fixture
def deployment(cloud: Cloud) -> Deployment:
    """The cloud as a deployment."""
    letters = cloud.gateway.settings.stream_dead_letters
    outputs = {id_: getattr(letters, reader.lower()) for reader, id_ in STREAM_DEAD_LETTERS.items()}
    outputs["EndpointURL"] = "https://api.example/gateway/"
    return Deployment(stage=Stage(STAGE), aws=Aws(), outputs=outputs, gateway=cloud.gateway)


@pytest.fixture
def deployed(deployment: Deployment) -> Deployment:
    """The deployment with a stack and a function, which the commands look up."""
    _make_stack(deployment.outputs)
    _make_function(_environment(deployment))
    return deployment


def _make_stack(outputs: Any) -> None:
    template = {
        "Resources": {"Anything": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    cloudformation: Any = boto3.client("cloudformation")
    cloudformation.create_stack(StackName=Stage(STAGE).stack_name, TemplateBody=json.dumps(template))


def _make_function(environment: dict[str, str]) -> None:
    iam: Any = boto3.client("iam")
    role = iam.create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "")
    function: Any = boto3.client("lambda")
    function.create_function(
        FunctionName=function_name(Stage(STAGE), "APIHandler"),
        Runtime="python3.11",
        Handler="app.app",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": environment},
    )


def _environment(deployment: Deployment) -> dict[str, str]:
    """The environment of the functions."""
    environment = {"TABLE_PREFIX": "test-"}
    for name, urls in vars(deployment.settings.queues).items():
        environment[f"{name.upper()}_QUEUE_URL"] = urls.jobs
        environment[f"{name.upper()}_DEAD_LETTERS_QUEUE_URL"] = urls.dead_letters
    for name, url in vars(deployment.settings.stream_dead_letters).items():
        environment[f"{name.upper()}_DEAD_LETTERS_QUEUE_URL"] = url
    return environment | {"STAGE": STAGE}
