"""Whether an account is ready for a deployment: asked before anything is packaged or changed."""

from typing import Any

from botocore.exceptions import ClientError

from infra.aws import Aws
from infra.deploy.artefacts import Artefacts
from infra.deploy.preflight import require_local_endpoint, validate_settings
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import functions, tables
from infra.template.lambdas import LAMBDAS

ALWAYS_UNRESERVED = 100  # Lambda keeps as many for the functions that reserve nothing


def require_ready(stage: Stage, aws: Aws) -> None:
    """InfraError with the way out when the deployment of ``stage`` could not succeed."""
    validate_settings(stage)
    require_local_endpoint(stage, aws)
    Artefacts.of(aws).exists()  # refuses a bucket of another account
    _require_concurrency(stage, aws)
    _require_no_leftover_tables(stage, aws)


def _require_concurrency(stage: Stage, aws: Aws) -> None:
    """The reserved concurrency must fit into the account, beside what other functions reserve."""
    wanted = functions.reserved_concurrency(stage)
    if stage.is_local or not wanted:
        return
    lambda_ = aws.client("lambda")
    limit = lambda_.get_account_settings()["AccountLimit"]
    ours = sum(_reserved_now(lambda_, f"{stage.stack_name}-{LAMBDAS[id_].name}") for id_ in wanted)
    free = limit["UnreservedConcurrentExecutions"] + ours - ALWAYS_UNRESERVED
    if sum(wanted.values()) > free:
        raise InfraError(
            f"The stage {stage.name} reserves {sum(wanted.values())} concurrent executions, but only "
            f"{max(free, 0)} of this account's {limit['ConcurrentExecutions']} can be reserved. "
            "Ask AWS for a higher quota (Lambda, Concurrent executions), or set API_CONCURRENCY=0 and "
            "STREAM_CONCURRENCY=0 to reserve nothing."
        )


def _reserved_now(lambda_: Any, name: str) -> int:
    try:
        return int(lambda_.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0))
    except lambda_.exceptions.ResourceNotFoundException:
        return 0


def _require_no_leftover_tables(stage: Stage, aws: Aws) -> None:
    """A stack cannot be created while tables of its names exist outside of it."""
    if not Stack(stage, aws).is_to_be_created():
        return
    dynamodb = aws.client("dynamodb")
    leftover = [name for name in tables.physical_names(stage) if _exists(dynamodb, name)]
    if leftover:
        raise InfraError(
            f"The stack {stage.stack_name} does not exist, but some of its tables do: {', '.join(leftover)}. "
            "See 'When a first deployment fails' in docs/operations.md: import them into the stack, "
            "or delete them if they hold nothing that you need."
        )


def _exists(dynamodb: Any, table: str) -> bool:
    try:
        dynamodb.describe_table(TableName=table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True
