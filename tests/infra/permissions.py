"""Permissions as text, `dynamodb:GetItem on PaymentsTable`: those that a role grants and a function used."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from chalicelib.settings import Settings
from infra.template.queues import JOB_QUEUES, dead_letters_id, queue_id
from infra.template.tables import table_id

# AWS authorizes each part of a transaction, and each message of a batch, separately.
_ALONE = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
    "SendMessageBatch": "SendMessage",
}

_CREDENTIALS = "credentials of acquirers"
_FROM_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_FROM_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")


def granted(role: Mapping[str, Any]) -> set[str]:
    """The permissions that a role of a template grants to its function, without those for logs."""
    statements = [
        each for policy in role["Properties"]["Policies"] for each in policy["PolicyDocument"]["Statement"]
    ]
    return {
        _permission(action, _place(each["Resource"]))
        for each in statements
        for action in each["Action"]
        if not action.startswith("logs:")
    }


def needed_by_lambda(function: Mapping[str, Any]) -> set[str]:
    """The permissions that Lambda needs to poll the sources of a function of a template."""
    needed = set()
    for source in function["Properties"].get("Events", {}).values():
        properties = source["Properties"]
        if source["Type"] == "SQS":
            needed |= {_permission(action, _place(properties["Queue"])) for action in _FROM_QUEUE}
        else:
            stream, letters = properties["Stream"], properties["DestinationConfig"]["OnFailure"]
            needed |= {_permission(f"dynamodb:{action}", _place(stream)) for action in _FROM_STREAM}
            needed.add(_permission("sqs:SendMessage", _place(letters["Destination"])))
    return needed


@dataclass
class Recorder:
    """The permissions of the requests to AWS, by the function that sent them."""

    settings: Settings
    used: dict[str, set[str]] = field(default_factory=dict)
    _acting: str | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Record requests."""
        call = BaseClient._make_api_call

        def recording(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            if self._acting:
                service = client.meta.service_model.service_name
                self.used.setdefault(self._acting, set()).update(self._needed(service, operation, request))
            return call(client, operation, request)

        with patch.object(BaseClient, "_make_api_call", recording):
            yield

    @contextmanager
    def acting_as(self, function: str) -> Iterator[None]:
        """Attribute the requests in this context to the function."""
        self._acting = function
        try:
            yield
        finally:
            self._acting = None

    def _needed(self, service: str, operation: str, request: Mapping[str, Any]) -> Iterator[str]:
        action = f"{service}:{_ALONE.get(operation, operation)}"
        if "TransactItems" in request:
            for each in request["TransactItems"]:
                ((kind, part),) = each.items()
                yield _permission(f"dynamodb:{_ALONE[kind]}", self._table(part["TableName"]))
        elif "RequestItems" in request:
            for table in request["RequestItems"]:
                yield _permission(action, self._table(table))
        elif "TableName" in request:
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield _permission(action, self._table(request["TableName"]) + index)
        elif "QueueUrl" in request:
            yield _permission(action, self._queue(request["QueueUrl"]))
        elif service == "ssm" and request["Name"].startswith(f"{self.settings.acquirer_credentials_path}/"):
            yield _permission(action, _CREDENTIALS)
        else:
            yield _permission(action, "*")

    def _table(self, name: str) -> str:
        names = {physical: logical for logical, physical in vars(self.settings.tables).items()}
        return table_id(names[name])

    def _queue(self, url: str) -> str:
        for name in JOB_QUEUES:
            urls = getattr(self.settings.queues, name)
            if url in {urls.jobs, urls.dead_letters}:
                return queue_id(name) if url == urls.jobs else dead_letters_id(name)
        raise KeyError(url)


def _permission(action: str, place: str) -> str:
    return f"{action} on {place}"


def _place(resource: Any) -> str:
    """A resource of a policy, by its logical id in the template."""
    if isinstance(resource, str):
        return resource
    if "Fn::GetAtt" in resource:
        id_, attribute = resource["Fn::GetAtt"]
        return id_ if attribute == "Arn" else f"{id_}'s stream"
    text: str = resource["Fn::Sub"]
    if text.endswith(":parameter/${AWS::StackName}/acquirers/*"):
        return _CREDENTIALS
    return text.replace("${", "").replace(".Arn}", "")
