"""Access to a deployed stage: the app's services with the stage's tables and queues."""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from pynamodb.models import Model

from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.bootstrap import Gateway, build, production_externals
from chalicelib.domain.audit import AuditAction, Credential
from chalicelib.domain.errors import GatewayError
from chalicelib.domain.merchant import Merchant
from chalicelib.services.onboarding import TEST_MERCHANT_ID, OnboardingError
from chalicelib.settings import Settings, SettingsError, load_settings
from chalicelib.store.database import Database
from infra.aws import Aws
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.local.environment import isolate
from infra.local.ports import HOST, Ports, is_taken
from infra.operator.logs import warnings_on_stderr
from infra.stage import Stage
from infra.template.kept_logs import OPERATOR_STREAM
from infra.template.lambdas import LAMBDAS

DEFAULT_STAGE = "local"
Item = dict[str, Any]
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployed stage. ``gateway`` has the app's services, built with the deployed settings."""

    stage: Stage
    aws: Aws
    outputs: Mapping[str, str]
    gateway: Gateway

    @classmethod
    def load(cls, stage_name: str) -> Self:
        """Load the deployment of a stage. Raises InfraError if it does not exist.

        A local stage is the one of the running `make run`. Other stages are in the AWS account of the
        environment.
        """
        stage = Stage(stage_name)
        if stage.is_local:
            use_local_aws(os.environ)
        aws = Aws()
        try:
            outputs = Stack(stage, aws).outputs()
            settings = _deployed_settings(stage, aws)
        except EndpointConnectionError as error:
            raise InfraError(
                f"AWS is not reachable. Check the network, the region and AWS_ENDPOINT_URL: {error}"
            ) from error
        return cls(
            stage=stage, aws=aws, outputs=outputs, gateway=build(settings, production_externals(settings))
        )

    @property
    def settings(self) -> Settings:
        """The settings of the deployed functions."""
        return self.gateway.settings

    @property
    def api_url(self) -> str:
        """The API's base URL, without `/api/v1`."""
        if self.stage.is_local:
            return f"http://localhost:{Ports.chosen(os.environ).api}"
        return self.outputs["EndpointURL"].rstrip("/")

    def merchant(self, merchant_id: str | None) -> Merchant:
        """The merchant, or the test merchant if None. Raises InfraError if it does not exist."""
        if merchant_id is None and self.stage.is_production:
            raise InfraError(
                "Production stages have no test merchant. Specify a merchant with --merchant ID."
            )
        id_ = merchant_id or TEST_MERCHANT_ID
        merchant = self.gateway.onboarding.merchants.get(id_)
        if merchant is None:
            raise InfraError(
                f"Merchant {id_} does not exist in the stage {self.stage.name}. "
                "List the merchants with `merchant list`, or create one with `merchant create`."
            )
        return merchant

    def audit(self, action: AuditAction, merchant_id: str | None, **facts: str | int | None) -> None:
        """Append a change of the operator to the audit log. 2 requests, none without an audit log.

        ``merchant_id`` is None for an action that is not about one merchant.
        The change is made already: an event that cannot be written is printed to standard error instead.
        """
        if not self.settings.audit_log_group:
            return
        try:
            actor = self.aws.caller()
        except (BotoCoreError, ClientError):
            actor = "unknown"
        event = {"result": "success", "merchant_id": merchant_id, **facts}
        with warnings_on_stderr():
            self.gateway.audit_log(OPERATOR_STREAM).write(
                action, {**event, "credential": Credential.OPERATOR, "actor": actor}
            )

    def table_name(self, row: type[Model]) -> str:
        """The physical name of the table of a model."""
        name: str = getattr(self.settings.tables, row.Meta.table_name)
        return name

    def table(self, row: type[Row]) -> type[Row]:
        """Bind the model ``row`` to its table."""
        return Database().bind(row, self.table_name(row))

    def scan(self, row: type[Model]) -> Iterator[Item]:
        """Yield every item of a table in DynamoDB's format. Consumes read units for the entire table."""
        pages = self.aws.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.table_name(row), ConsistentRead=True):
            yield from page["Items"]


@contextmanager
def operator_errors() -> Iterator[None]:
    """Convert the errors of the services to InfraError, as sentences."""
    try:
        yield
    except (OnboardingError, CredentialsError) as error:
        raise InfraError(sentence(error)) from error
    except GatewayError as error:
        raise InfraError(f"{error.description}.") from error


def sentence(error: Exception) -> str:
    """The text of the error as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def is_merchant(item: Item) -> bool:
    """Whether the item of the table of merchants is a merchant. The others are webhook endpoints."""
    return "api_key" in item


def use_local_aws(environment: MutableMapping[str, str]) -> None:
    """Make boto3 and pynamodb use the local AWS, unless ``environment`` has AWS_ENDPOINT_URL.

    Raises InfraError if nothing listens on its port.
    """
    if environment.get("AWS_ENDPOINT_URL"):
        return
    port = Ports.chosen(environment).aws
    if not is_taken(port):
        raise InfraError(
            f"The local gateway is not running: nothing listens on port {port}. "
            "Start it with `make run`, or set AWS_PORT to the port of its AWS."
        )
    isolate(environment)
    environment["AWS_ENDPOINT_URL"] = f"http://{HOST}:{port}"


def function_name(stage: Stage, function: str) -> str:
    """The physical name of a function in LAMBDAS."""
    return f"{stage.stack_name}-{LAMBDAS[function].name}"


def _deployed_settings(stage: Stage, aws: Aws) -> Settings:
    """The settings of the deployed API function, so that the commands use the same settings as the API."""
    name = function_name(stage, "APIHandler")
    try:
        configuration = aws.client("lambda").get_function_configuration(FunctionName=name)
        return load_settings(configuration["Environment"]["Variables"])
    except (SettingsError, KeyError) as error:
        raise InfraError(
            f"The function {name} was deployed from another version of this code ({error}). "
            "Deploy the stage again."
        ) from error
    except ClientError as error:
        raise InfraError(f"The function {name} cannot be read: {error}") from error
