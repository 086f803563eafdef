"""Deletion protection of a production stage.

It is switched on after a deployment has succeeded and is no part of the template: CloudFormation could not
remove a protected table of a deployment that fails, and that table would then block every next one.
"""

from collections.abc import Iterable
from typing import Any

from infra.aws import Aws


def protect(stack_name: str, tables: Iterable[str], aws: Aws) -> None:
    """Protect the tables and the stack from deletion. Idempotent: a deployment that died is repeated."""
    dynamodb = aws.client("dynamodb")
    for table in tables:
        if not _is_protected(dynamodb, table):
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    aws.client("cloudformation").update_termination_protection(
        StackName=stack_name, EnableTerminationProtection=True
    )


def _is_protected(dynamodb: Any, table: str) -> bool:
    return bool(dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"))
