"""Deletion protection of a production stage.

It is enabled after a successful deployment and is not part of the template: CloudFormation cannot delete the
protected tables of a failed deployment, and these tables would block later deployments.
"""

from collections.abc import Iterable
from typing import Any

from infra.aws import Aws


def protect(stack_name: str, tables: Iterable[str], aws: Aws) -> None:
    """Protect the tables and the stack from deletion. Idempotent, so that a deployment can be repeated."""
    dynamodb = aws.client("dynamodb")
    for table in tables:
        if not is_protected(dynamodb, table):
            dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    aws.client("cloudformation").update_termination_protection(
        StackName=stack_name, EnableTerminationProtection=True
    )


def is_protected(dynamodb: Any, table: str) -> bool:
    """Whether the table is protected from deletion. One request."""
    return bool(dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"))
