"""A deployed stage as its operator reaches it: the services of the app, on the stage's tables and queues."""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.models import Model

from chalicelib.bootstrap import Gateway, build, production_externals
from chalicelib.domain.merchant import Merchant
from chalicelib.services.onboarding import TEST_MERCHANT_ID
from chalicelib.settings import Settings, SettingsError, load_settings
from chalicelib.store.database import Database
from infra.aws import Aws
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.local.environment import isolate
from infra.local.ports import HOST, Ports, is_taken
from infra.stage import Stage
from infra.template.lambdas import LAMBDAS

DEFAULT_STAGE = "local"
Item = dict[str, Any]
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployed stage. ``gateway`` is the app's own, put together here with the deployed settings."""

    stage: Stage
    aws: Aws
    outputs: Mapping[str, str]
    gateway: Gateway

    @classmethod
    def reach(cls, stage_name: str) -> Self:
        """The deployment of that name; InfraError when there is none.

        A local stage is that of the running `make run`; any other is in the account that boto3 finds.
        """
        stage = Stage(stage_name)
        if stage.is_local:
            point_at_this_machine(os.environ)
        aws = Aws()
        try:
            outputs = Stack(stage, aws).outputs()
            settings = _deployed_settings(stage, aws)
        except EndpointConnectionError as error:
            raise InfraError(f"AWS cannot be reached: {error}") from error
        return cls(
            stage=stage, aws=aws, outputs=outputs, gateway=build(settings, production_externals(settings))
        )

    @property
    def settings(self) -> Settings:
        """What the deployed functions are set to."""
        return self.gateway.settings

    @property
    def api_url(self) -> str:
        """The API's address, without the paths' `/api/v1`."""
        if self.stage.is_local:
            return f"http://localhost:{Ports.chosen(os.environ).api}"
        return self.outputs["EndpointURL"].rstrip("/")

    def merchant(self, merchant_id: str | None) -> Merchant:
        """The merchant, the test merchant if None; InfraError when there is none such."""
        if merchant_id is None and self.stage.is_production:
            raise InfraError("Production has no test merchant; say which merchant with --merchant ID.")
        wanted = merchant_id or TEST_MERCHANT_ID
        merchant = self.gateway.onboarding.merchants.get(wanted)
        if merchant is None:
            raise InfraError(
                f"There is no merchant {wanted} in the stage {self.stage.name}; "
                "`merchant list` shows those there are, `merchant create` makes one."
            )
        return merchant

    def table_name(self, row: type[Model]) -> str:
        """The physical name of the table that holds such rows."""
        name: str = getattr(self.settings.tables, row.Meta.table_name)
        return name

    def table(self, row: type[Row]) -> type[Row]:
        """The model ``row``, bound to its table."""
        return Database().bind(row, self.table_name(row))

    def scan(self, row: type[Model]) -> Iterator[Item]:
        """Every row of a table as DynamoDB holds it. Costs read units for the whole of it."""
        pages = self.aws.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.table_name(row), ConsistentRead=True):
            yield from page["Items"]


def point_at_this_machine(environment: MutableMapping[str, str]) -> None:
    """Make boto3 and pynamodb talk to the local AWS, unless ``environment`` says itself where to.

    InfraError when nothing listens there.
    """
    if environment.get("AWS_ENDPOINT_URL"):
        return
    port = Ports.chosen(environment).aws
    if not is_taken(port):
        raise InfraError(
            f"Nothing listens on port {port}: start the gateway with `make run`, "
            "or say where its AWS is with AWS_PORT."
        )
    isolate(environment)
    environment["AWS_ENDPOINT_URL"] = f"http://{HOST}:{port}"


def function_name(stage: Stage, function: str) -> str:
    """The physical name of a function, of those in LAMBDAS."""
    return f"{stage.stack_name}-{LAMBDAS[function].name}"


def _deployed_settings(stage: Stage, aws: Aws) -> Settings:
    """The settings as the API's function has them: what the operator does must fit what is deployed."""
    name = function_name(stage, "APIHandler")
    try:
        configuration = aws.client("lambda").get_function_configuration(FunctionName=name)
        return load_settings(configuration["Environment"]["Variables"])
    except (SettingsError, KeyError) as error:
        raise InfraError(
            f"The deployed {name} is of another version of this code ({error}); deploy it again."
        ) from error
    except ClientError as error:
        raise InfraError(f"The function {name} cannot be read: {error}") from error
