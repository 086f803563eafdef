"""The history of a payment in CloudWatch Logs: the lines of the functions that contain one of its ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.aws import Aws
from infra.local.logs import readable
from infra.operator.history.entries import Entry
from infra.stage import Stage
from infra.template.lambdas import LAMBDAS

IDS_PER_REQUEST = 20  # a filter pattern has at most 1,024 characters, and an id at most 36
MAX_LINES = 10_000  # of all functions; a payment has about ten lines, and one per attempt of a webhook


@dataclass(frozen=True)
class FunctionLogs:
    """The logs of the functions of a stage."""

    stage: Stage
    aws: Aws

    def entries(self, ids: Sequence[str], *, since: datetime, until: datetime) -> list[Entry]:
        """The first MAX_LINES lines that contain one of ``ids``, in any order.

        One request for each function, 20 ids and page. A function without a log group has no lines.
        """
        found: dict[tuple[str, int, str], Entry] = {}
        for function, line in self._lines(ids, since, until):
            entry = _entry(function, line)
            found[function, line["timestamp"], line["message"]] = entry
            if len(found) == MAX_LINES:
                break
        return list(found.values())

    def _lines(
        self, ids: Sequence[str], since: datetime, until: datetime
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        client = self.aws.client("logs")
        pages = client.get_paginator("filter_log_events")
        for function in LAMBDAS.values():
            for start in range(0, len(ids), IDS_PER_REQUEST):
                wanted = ids[start : start + IDS_PER_REQUEST]
                query: dict[str, Any] = {
                    "logGroupName": f"/aws/lambda/{self.stage.stack_name}-{function.name}",
                    "startTime": round(since.timestamp() * 1000),
                    "endTime": round(until.timestamp() * 1000),
                }
                if not self.stage.is_local:  # the embedded AWS requires every term, CloudWatch one of them
                    query["filterPattern"] = " ".join(f'?"{id_}"' for id_ in wanted)
                try:
                    for page in pages.paginate(**query):
                        lines = (line for line in page["events"] if _contains(line["message"], wanted))
                        yield from ((function.name, line) for line in lines)
                except client.exceptions.ResourceNotFoundException:
                    break


def _contains(message: str, ids: Sequence[str]) -> bool:
    """Whether the line contains an id."""
    return any(id_ in message for id_ in ids)


def _entry(function: str, line: dict[str, Any]) -> Entry:
    _, text = readable(line["message"].strip())
    return Entry(at=datetime.fromtimestamp(line["timestamp"] / 1000, UTC), source=function, text=text)
