"""KMS_KEY: a customer-managed key for everything that stores data, and the permissions to use it."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.acquirers.credentials import CredentialStore
from chalicelib.domain.clock import utc_now
from infra.deploy.preflight import validate_settings
from infra.errors import InfraError
from infra.stage import Stage
from infra.template import build_template
from infra.template.encryption import KEY_ID, OUTPUT, encrypted
from infra.template.lambdas import LAMBDAS
from infra.template.roles import role_id
from tests.infra.permissions import granted, needed_by_lambda

ARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CREATED = {"Fn::GetAtt": [KEY_ID, "Arn"]}
KEYS = pytest.mark.parametrize(("chosen", "key"), [("create", CREATED), (ARN, ARN)])


def template(chosen: str, stage: str = "prod") -> dict[str, Any]:
    return build_template(Stage.of(stage, {"KMS_KEY": chosen}))


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    made = {id_: each["Properties"] for id_, each in resources.items() if each.get("Type") == kind}
    assert made
    return made


@KEYS
def test_tables_queues_and_logs_are_encrypted_with_the_key(chosen: str, key: Any):
    resources = template(chosen)["Resources"]
    for table in of_type(resources, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    for queue in of_type(resources, "AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == key
        assert 60 <= queue["KmsDataKeyReusePeriodSeconds"] <= 86_400
        assert "SqsManagedSseEnabled" not in queue, "SQS rejects both"
    for group in of_type(resources, "AWS::Logs::LogGroup").values():
        assert group["KmsKeyId"] == key


@pytest.mark.parametrize("function", LAMBDAS)
def test_a_function_uses_the_key_only_as_its_other_permissions_need(function: str):
    """Lambda reads streams and queues, and sends dead letters, with the function's permissions."""
    plain, resources = build_template(Stage("prod"))["Resources"], template("create")["Resources"]
    role, before = granted(resources[role_id(function)]), granted(plain[role_id(function)])
    assert needed_by_lambda(plain[function]) <= before
    sends = any(permission.startswith("sqs:SendMessage ") for permission in before)
    added = {f"kms:Decrypt on {KEY_ID}"} | ({f"kms:GenerateDataKey on {KEY_ID}"} if sends else set())
    assert role - before == added


@pytest.mark.parametrize(
    ("action", "uses"),
    [
        ("dynamodb:GetItem", ["kms:Decrypt"]),
        ("sqs:ReceiveMessage", ["kms:Decrypt"]),
        ("logs:PutLogEvents", []),
    ],
)
def test_a_role_that_sends_nothing_cannot_create_data_keys(action: str, uses: list[str]):
    policy = {"PolicyName": "x", "PolicyDocument": {"Statement": [{"Action": action}]}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}
    made = encrypted({"Reader": role}, Stage.of("prod", {"KMS_KEY": ARN}))["Reader"]["Properties"]["Policies"]
    added = made[0]["PolicyDocument"]["Statement"][1:]
    assert [action for statement in added for action in statement["Action"]] == uses


def test_the_key_is_rotated_and_survives_the_stack():
    """Tables are retained, and are readable only with their key."""
    resources = template("create")["Resources"]
    (key,) = of_type(resources, "AWS::KMS::Key").values()
    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert resources[KEY_ID]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resources[KEY_ID]["UpdateReplacePolicy"] == "Retain"


def test_other_stages_delete_their_key():
    assert template("create", "dev")["Resources"][KEY_ID]["DeletionPolicy"] == "Delete"


def test_the_logs_service_uses_the_key_for_the_groups_of_the_stack_only():
    (key,) = of_type(template("create")["Resources"], "AWS::KMS::Key").values()
    account, logs = key["KeyPolicy"]["Statement"]
    assert account["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    assert logs["Principal"] == {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}
    (pattern,) = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"].values()
    assert ":log-group:*${AWS::StackName}-*" in pattern
    assert not [action for action in logs["Action"] if "*" in action]


def test_every_log_group_matches_the_policy_of_the_key():
    for group in of_type(template("create")["Resources"], "AWS::Logs::LogGroup").values():
        if name := group.get("LogGroupName"):  # a generated name starts with the stack's name
            assert "${AWS::StackName}-" in name["Fn::Sub"]


def test_the_watch_of_the_payment_page_cannot_use_the_key():
    assert "kms:" not in str(template("create")["Resources"]["PageWatchRole"])


def test_an_existing_key_adds_no_key():
    made = template(ARN)
    assert not [id_ for id_ in made["Resources"] if id_.startswith(KEY_ID)]
    assert made["Outputs"][OUTPUT]["Value"] == ARN


@pytest.mark.parametrize("stage", [Stage("prod"), Stage.of("local", {"KMS_KEY": "create"})])
def test_without_a_key_and_in_local_stages_the_keys_of_aws_are_used(stage: Stage):
    made = build_template(stage)
    assert not {KEY_ID, OUTPUT} & (made["Resources"].keys() | made["Outputs"].keys())
    assert "kms:" not in str(made)


@pytest.mark.parametrize("value", ["true", "alias/mine", ARN.replace("key/", "alias/"), ARN + "\n"])
def test_a_value_that_is_not_a_key_is_rejected_before_the_deployment(value: str):
    with pytest.raises(InfraError, match="KMS_KEY must be create or the ARN of a key"):
        validate_settings(Stage.of("prod", {"KMS_KEY": value}))


@mock_aws
def test_credentials_of_acquirers_are_stored_with_the_key():
    client: Any = boto3.client
    store = CredentialStore(path="/gateway/acquirers", client=client, clock=utc_now)
    store.put("merchant", "stripe", {"key": "x"}, key=ARN)
    (parameter,) = client("ssm").describe_parameters()["Parameters"]
    assert parameter["KeyId"] == ARN
    assert store.get("merchant", "stripe") == {"key": "x"}
