"""How CloudFormation names and points at things."""

from typing import Any


def logical_id(name: str) -> str:
    """``webhook_logs`` or ``webhook-logs`` as a logical id: ``WebhookLogs``."""
    return "".join(word.capitalize() for word in name.replace("-", "_").split("_"))


def physical_name(name: str) -> dict[str, str]:
    """``name`` with the stack's before it, so that stages live side by side."""
    return {"Fn::Sub": "${AWS::StackName}-" + name}


def ref(resource: str) -> dict[str, str]:
    """What CloudFormation knows ``resource`` by: a table's name, a queue's address."""
    return {"Ref": resource}


def attribute(resource: str, name: str) -> dict[str, list[str]]:
    """An attribute of ``resource``."""
    return {"Fn::GetAtt": [resource, name]}


def arn(resource: str) -> dict[str, list[str]]:
    """The ARN of ``resource``."""
    return attribute(resource, "Arn")


def output(value: Any, description: str) -> dict[str, Any]:
    """An output of the stack."""
    return {"Value": value, "Description": description}
