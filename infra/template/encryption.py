"""A customer-managed key for tables, queues, log groups and credentials, if KMS_KEY is set.

The key is added to the finished resources of the other modules, so that a new table or queue also has it.
"""

from typing import Any

from infra.safeguards import CREATE
from infra.stage import Stage
from infra.template import roles
from infra.template.names import arn, output, ref

KEY_ID = "EncryptionKey"
OUTPUT = "EncryptionKeyArn"

# SQS requests a data key once in this time for each sender and receiver. It is SQS's maximum: each request
# costs, and the messages are kept for 14 days anyway.
DATA_KEY_REUSE_S = 24 * 3600

_READING = ("dynamodb:", "sqs:ReceiveMessage", "sqs:SendMessage")
_SENDING = "sqs:SendMessage"

Resources = dict[str, Any]


def encrypted(resources: Resources, stage: Stage) -> Resources:
    """``resources`` with the key of ``stage``; unchanged if it has none."""
    if stage.safeguards.kms_key is None:
        return resources
    key = _arn(stage)
    template = {id_: _with_key(resource, key) for id_, resource in resources.items()}
    return template | _key_resources(stage) if stage.safeguards.kms_key == CREATE else template


def outputs(stage: Stage) -> Resources:
    """The ARN of the key."""
    if stage.safeguards.kms_key is None:
        return {}
    return {OUTPUT: output(_arn(stage), "The key that encrypts tables, queues, logs and credentials")}


def _arn(stage: Stage) -> Any:
    return arn(KEY_ID) if stage.safeguards.kms_key == CREATE else stage.safeguards.kms_key


def _with_key(resource: Resources, key: Any) -> Resources:
    properties = resource.get("Properties", {})
    changed: Resources
    match resource.get("Type"):
        case "AWS::DynamoDB::Table":
            changed = {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
        case "AWS::SQS::Queue":
            changed = {"KmsMasterKeyId": key, "KmsDataKeyReusePeriodSeconds": DATA_KEY_REUSE_S}
            properties = {name: value for name, value in properties.items() if name != "SqsManagedSseEnabled"}
        case "AWS::Logs::LogGroup":
            changed = {"KmsKeyId": key}
        case "AWS::IAM::Role":
            changed = {
                "Policies": [_with_permission(policy, key) for policy in properties.get("Policies", [])]
            }
        case _:
            return resource
    return {**resource, "Properties": {**properties, **changed}}


def _with_permission(policy: Resources, key: Any) -> Resources:
    """The policy with the use of the key that its statements need.

    DynamoDB, SQS and SSM use the key with the permissions of the caller. Lambda reads streams and queues with
    those of the function. CloudWatch Logs uses it with the policy of the key.
    """
    document = policy["PolicyDocument"]
    granted = [action for statement in document["Statement"] for action in _actions(statement)]
    reads_secrets = any(roles.is_acquirer_credentials(each) for each in document["Statement"])
    if not (reads_secrets or any(action.startswith(_READING) for action in granted)):
        return policy
    actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if _SENDING in granted else [])]
    permission = {"Effect": "Allow", "Action": actions, "Resource": key}
    return {**policy, "PolicyDocument": {**document, "Statement": [*document["Statement"], permission]}}


def _actions(statement: Resources) -> list[str]:
    actions: str | list[str] = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


def _key_resources(stage: Stage) -> Resources:
    kept = {
        "DeletionPolicy": "RetainExceptOnCreate" if stage.is_production else "Delete",
        "UpdateReplacePolicy": "Retain" if stage.is_production else "Delete",
    }
    key = {
        "Type": "AWS::KMS::Key",
        # Without its key, retained tables and backups cannot be read.
        **kept,
        "Properties": {
            "Description": {"Fn::Sub": "Tables, queues, logs and credentials of ${AWS::StackName}"},
            "EnableKeyRotation": True,
            "PendingWindowInDays": 30,
            "KeyPolicy": {"Version": "2012-10-17", "Statement": [_of_the_account(), _of_the_logs()]},
        },
    }
    alias = {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": {"Fn::Sub": "alias/${AWS::StackName}"}, "TargetKeyId": ref(KEY_ID)},
    }
    return {KEY_ID: key, f"{KEY_ID}Alias": alias}


def _of_the_account() -> Resources:
    """IAM decides who uses and administers the key. Without this, a key can become unmanageable."""
    return {
        "Sid": "IamOfTheAccount",
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        "Action": "kms:*",
        "Resource": "*",
    }


def _of_the_logs() -> Resources:
    """CloudWatch Logs uses the key for the log groups of this stack only."""
    groups = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*${AWS::StackName}-*"
    return {
        "Sid": "LogGroupsOfTheStack",
        "Effect": "Allow",
        "Principal": {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub": groups}}},
    }
