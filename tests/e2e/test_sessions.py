"""Section 2: the stored session, in the table of a local stack."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.gateway import LocalGateway
from tests.e2e.api import Api, Json, assert_error
from tests.stack import PASSWORD

pytestmark = pytest.mark.contract("2")
UNKNOWN = (401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.fixture
def token(merchant: Api) -> str:
    signed_in = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD})
    return str(signed_in.json()["token"])


def test_an_expired_session_is_invalid_even_if_its_row_exists(gateway, aws, merchant, token):
    row = session_row(gateway, aws, merchant)
    table, dynamodb = gateway.stack_outputs["SessionsTable"], aws("dynamodb")
    past = {"N": str(int(datetime.now(UTC).timestamp()) - 1)}
    dynamodb.put_item(TableName=table, Item={**row, "expires_at": past})
    assert_error(merchant.bearing(token).get("/merchants/me"), *UNKNOWN)


def test_only_a_hash_of_the_token_is_stored(gateway, aws, merchant, token):
    row = session_row(gateway, aws, merchant)
    assert token not in str(row)
    assert row["expires_at"]["N"].isdecimal()


def session_row(gateway: LocalGateway, aws: Callable[[str], Any], merchant: Api) -> Json:
    """The row of the merchant's only session."""
    rows = aws("dynamodb").scan(
        TableName=gateway.stack_outputs["SessionsTable"],
        FilterExpression="merchant_id = :id",
        ExpressionAttributeValues={":id": {"S": merchant.merchant_id}},
    )["Items"]
    row: Json
    [row] = rows
    return row
