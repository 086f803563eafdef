"""The emulated AWS enforces the functions' roles: all tests in this folder run under them."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.aws import LOCAL_REGION
from infra.local.gateway import LocalGateway

pytestmark = pytest.mark.e2e
KEY = {"id": {"S": "none"}}


@pytest.fixture
def as_payment_worker(gateway: LocalGateway, aws: Callable[[str], Any]) -> Any:
    """DynamoDB with the permissions of the payment worker."""
    iam, name = aws("iam"), "like-the-payment-worker"
    (role,) = (each for each in iam.list_roles()["Roles"] if "PaymentWorkerRole" in each["RoleName"])
    policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="payment-worker")["PolicyDocument"]
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield boto3.client(
        "dynamodb",
        endpoint_url=gateway.aws_endpoint_url,
        region_name=LOCAL_REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName=name)
    iam.delete_user(UserName=name)


def test_an_action_without_permission_is_denied(gateway: LocalGateway, as_payment_worker: Any):
    tables = gateway.stack_outputs
    condition = "attribute_exists(id)"
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        as_payment_worker.update_item(
            TableName=tables["PaymentsTable"], Key=KEY, ConditionExpression=condition
        )
    for action, table in (("get_item", "OrdersTable"), ("update_item", "RefundsTable")):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(as_payment_worker, action)(TableName=tables[table], Key=KEY)
