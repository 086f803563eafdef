"""The logs and stored data of the end-to-end tests' stack at the end of the run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.aws import Aws
from infra.local.gateway import LocalGateway
from tests.secrecy.search import Secrets, cards_in, numbers_in, secrets_in

MAX_RECEIVES = 100  # of up to 10 messages: more than any test leaves


def leaks_of(gateway: LocalGateway, aws_log: Path, secrets: Secrets) -> list[str]:
    """The cards and secrets in logs, and the used card numbers in rows and messages."""
    client = Aws(gateway.aws_endpoint_url).client
    found: set[str] = set()
    for line in (*_log_lines(client("logs")), *aws_log.read_text(errors="replace").splitlines()):
        found.update(f"logged: {leak}" for leak in (*cards_in(line), *secrets_in(line, secrets)))
    for text in (*_rows(gateway, client("dynamodb")), *_messages(client("sqs"))):
        found.update(f"kept: {leak}" for leak in numbers_in(text, secrets))
    return sorted(found)


def _log_lines(logs: Any) -> Iterator[str]:
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            name = group["logGroupName"]
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                yield from (event["message"] for event in page["events"])


def _rows(gateway: LocalGateway, dynamodb: Any) -> Iterator[str]:
    for output, table in gateway.stack_outputs.items():
        if output.endswith("Table"):
            for page in dynamodb.get_paginator("scan").paginate(TableName=table):
                yield from map(str, page["Items"])


def _messages(sqs: Any) -> Iterator[str]:
    """The remaining messages of the queues and dead-letter queues, which no worker processes any more."""
    for url in sqs.list_queues().get("QueueUrls", []):
        for _ in range(MAX_RECEIVES):
            received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            yield from (message["Body"] for message in received)
            if not received:
                break
