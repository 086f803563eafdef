"""Creating at most once: the answer of a first use is stored in the transaction that makes the object."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from chalicelib.domain.errors import GatewayError
from chalicelib.domain.idempotency import IdempotencyKey, IdempotencyRecord, StoredResponse
from chalicelib.store.idempotency import IdempotencyStore

Made = TypeVar("Made")
Made_contra = TypeVar("Made_contra", contravariant=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a request that creates; ``replayed`` when an earlier one gave it."""

    response: StoredResponse
    replayed: bool = False


class Write(Protocol[Made_contra]):
    """Writes what was made together with the record, or returns the record that was there before."""

    def __call__(
        self, made: Made_contra, record: IdempotencyRecord | None, /, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write ``made``. Returns the earlier record of the key, if there is one."""
        ...


@dataclass(frozen=True, kw_only=True)
class Once(Generic[Made]):
    """How a request that creates is answered, and the idempotency key it came with, if any."""

    key: IdempotencyKey | None
    respond: Callable[[Made], StoredResponse]

    def run(self, made: Made, merchant_id: str, *, now: datetime, write: Write[Made]) -> Answer:
        """Write ``made`` unless the key was used; the answer is the same for every use.

        Raises IdempotencyKeyReusedError, and writes nothing, when the key came with another request.
        """
        response = self.respond(made)
        record = self.key.record(merchant_id, response, now=now) if self.key else None
        earlier = write(made, record, now=now)
        if earlier is None or record is None:
            return Answer(response=response)
        return Answer(response=earlier.replay(fingerprint=record.fingerprint), replayed=True)

    def refuse(
        self, error: GatewayError, merchant_id: str, *, now: datetime, records: IdempotencyStore
    ) -> Answer:
        """The response of the first request with the key, for a request that is no longer valid. 1 request.

        Raises ``error`` when there is no such request.
        """
        earlier = records.get(self.key.record_id(merchant_id), now=now) if self.key else None
        if earlier is None or self.key is None:
            raise error
        return Answer(response=earlier.replay(fingerprint=self.key.fingerprint), replayed=True)
