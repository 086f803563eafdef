"""Checks of the account before a deployment packages or changes anything."""

from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.deploy.artefacts import Artefacts
from infra.deploy.preflight import require_local_endpoint, validate_settings
from infra.deploy.stack import Stack
from infra.deploy.table_changes import require_possible_changes
from infra.edge import CLOUDFRONT_REGION, Sites
from infra.errors import InfraError
from infra.sites import CHECKOUT
from infra.stage import Stage
from infra.template import functions, tables
from infra.template.api import API_IDS
from infra.template.lambdas import LAMBDAS

ALWAYS_UNRESERVED = 100  # Lambda keeps this concurrency for functions without a reservation


def require_ready(
    stage: Stage, aws: Aws, *, may_replace_api: bool = False, may_replace_sites: bool = False
) -> None:
    """Raise InfraError with the action to take if ``stage`` cannot be deployed.

    Unless ``may_replace_api``, a stage keeps its kind of API, and with it the API's URL. Unless
    ``may_replace_sites``, it keeps what serves its sites, and with it their addresses.
    """
    validate_settings(stage)
    require_local_endpoint(stage, aws)
    Artefacts.of(aws, stage.options).exists()  # raises InfraError if another account owns the bucket
    _require_concurrency(stage, aws)
    _require_region_of_web_acl(stage, aws)
    if Stack(stage, aws).needs_creation():
        _require_no_leftover_tables(stage, aws)
        return
    require_possible_changes(stage, aws)
    if not may_replace_api:
        _require_same_api(stage, aws)
    if not may_replace_sites:
        _require_same_sites(stage, aws)


def _require_concurrency(stage: Stage, aws: Aws) -> None:
    """The account's quota must allow the reserved concurrency in addition to other reservations."""
    required = functions.reserved_concurrency(stage)
    if stage.is_local or not required:
        return
    lambda_ = aws.client("lambda")
    limit = lambda_.get_account_settings()["AccountLimit"]
    current = sum(_reserved(lambda_, f"{stage.stack_name}-{LAMBDAS[id_].name}") for id_ in required)
    available = limit["UnreservedConcurrentExecutions"] + current - ALWAYS_UNRESERVED
    if sum(required.values()) > available:
        raise InfraError(
            f"The stage {stage.name} reserves {sum(required.values())} concurrent executions, but only "
            f"{max(available, 0)} of this account's {limit['ConcurrentExecutions']} can be reserved. "
            "Request a higher quota (Lambda, Concurrent executions), or set API_CONCURRENCY=0 and "
            "STREAM_CONCURRENCY=0 to reserve nothing."
        )


def _reserved(lambda_: Any, name: str) -> int:
    try:
        return int(lambda_.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0))
    except lambda_.exceptions.ResourceNotFoundException:
        return 0


def _require_same_api(stage: Stage, aws: Aws) -> None:
    """A new kind of API is a new API with another URL, which every merchant would have to configure."""
    outputs = Stack(stage, aws).outputs()
    for kind, id_ in API_IDS.items():
        if kind is not stage.api and f"{id_}Id" in outputs:
            raise InfraError(
                f"The stage {stage.name} has the API {outputs['EndpointURL']} (API={kind}). "
                f"API={stage.api} deletes it and creates one with another URL. Set API={kind} to keep it, "
                "or add --replace-api. See 'REST or HTTP API' in docs/operations.md."
            )


def _require_same_sites(stage: Stage, aws: Aws) -> None:
    """The addresses change with what serves the sites, and shops load scripts from the checkout's."""
    outputs = Stack(stage, aws).outputs()
    current = Sites.CLOUDFRONT if CHECKOUT.domain_output in outputs else Sites.BUCKET
    if CHECKOUT.url_output in outputs and not stage.is_local and current is not stage.edge.sites:
        raise InfraError(
            f"The checkout of the stage {stage.name} is at {outputs[CHECKOUT.url_output]} (SITES={current}). "
            f"SITES={stage.edge.sites} makes this address invalid for shops that use it. Set SITES={current} "
            "to keep it, or add --replace-sites. See 'Addresses of the sites' in docs/operations.md."
        )


def _require_region_of_web_acl(stage: Stage, aws: Aws) -> None:
    """A stack can create a web ACL of CloudFront in one region only."""
    region = aws.client("cloudformation").meta.region_name
    if stage.edge.creates_web_acl and region != CLOUDFRONT_REGION:
        raise InfraError(
            f"WAF=on works in {CLOUDFRONT_REGION} only, and this stage is in {region}. Create a web ACL for "
            f"CloudFront in {CLOUDFRONT_REGION} and set WAF to its ARN."
        )


def _require_no_leftover_tables(stage: Stage, aws: Aws) -> None:
    """CloudFormation cannot create the stack if tables with its names already exist."""
    dynamodb = aws.client("dynamodb")
    leftover = [name for name in tables.physical_names(stage) if _exists(dynamodb, name)]
    if leftover:
        raise InfraError(
            f"The stack {stage.stack_name} does not exist, but some of its tables do: {', '.join(leftover)}. "
            "Import the tables into the stack, or delete them if you do not need their data. "
            "See 'When a first deployment fails' in docs/operations.md."
        )


def _exists(dynamodb: Any, table: str) -> bool:
    try:
        dynamodb.describe_table(TableName=table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True
