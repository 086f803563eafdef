"""Names and references of CloudFormation resources."""

from typing import Any


def logical_id(name: str) -> str:
    """Convert ``webhook_logs`` or ``webhook-logs`` to a logical id: ``WebhookLogs``."""
    return "".join(word.capitalize() for word in name.replace("-", "_").split("_"))


def physical_name(name: str) -> dict[str, str]:
    """``name`` with the stack's name as a prefix, so that one account can contain several stages."""
    return {"Fn::Sub": "${AWS::StackName}-" + name}


def ref(resource: str) -> dict[str, str]:
    """The identifier of ``resource``, such as a table's name or a queue's URL."""
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
