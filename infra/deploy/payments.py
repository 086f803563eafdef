"""The check before a production stage is destroyed: whether it has payments."""

from collections.abc import Mapping
from typing import Any

from chalicelib.store.payments import PaymentRow
from infra.aws import Aws
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import tables


def require_no_payments(stage: Stage, outputs: Mapping[str, str], aws: Aws) -> None:
    """Raise InfraError if the table of payments has a row. One request.

    Without the stack, open payments are not settled, refunds not sent and webhooks not delivered.
    """
    table = outputs.get(tables.table_id(PaymentRow.Meta.table_name))
    if table is None:
        return  # a stack without the table
    dynamodb: Any = aws.client("dynamodb")
    try:
        rows = dynamodb.scan(TableName=table, Limit=1, ConsistentRead=True)["Count"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return
    if rows:
        raise InfraError(
            f"Nothing was deleted: the production stage {stage.name} has payments. Without the stack, "
            "open payments are not settled, and refunds and webhooks not sent. "
            "To destroy it anyway, add --with-payments."
        )
