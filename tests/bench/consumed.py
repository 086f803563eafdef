"""The requests to DynamoDB and the read units of a piece of code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient


@dataclass
class Consumed:
    """The operations in order, and the units that DynamoDB reports for them."""

    operations: list[str] = field(default_factory=list)
    units: float = 0.0


@contextmanager
def consumed() -> Iterator[Consumed]:
    """Count the requests of all clients. pynamodb asks DynamoDB for the units of each."""
    counted, send = Consumed(), BaseClient._make_api_call

    def count_and_send(client: BaseClient, operation: str, parameters: Any) -> Any:
        response = send(client, operation, parameters)
        counted.operations.append(operation)
        reported = response.get("ConsumedCapacity", [])
        for each in reported if isinstance(reported, list) else [reported]:
            counted.units += each["CapacityUnits"]
        return response

    with patch.object(BaseClient, "_make_api_call", count_and_send):
        yield counted
