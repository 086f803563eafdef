"""A request body that is sent in pieces, with pauses, as over a slow connection."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

PIECES = 5
PAUSE_S = 0.2  # 0.8 s in total, well within the deadline of a request


@dataclass(frozen=True)
class PacedBody:
    """``content`` in PIECES, with PAUSE_S between them. It can be sent again."""

    content: bytes

    def __bytes__(self) -> bytes:
        """The whole body."""
        return self.content

    def __len__(self) -> int:
        """The length in bytes, so that the request has a Content-Length."""
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        size = max(1, -(-len(self.content) // PIECES))
        for start in range(0, len(self.content), size):
            if start:
                time.sleep(PAUSE_S)
            yield self.content[start : start + size]
