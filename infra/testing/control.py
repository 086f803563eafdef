"""The requests of a parent process on standard input, and the responses on standard output, one on each line.

`merchant` creates a merchant, `pages` makes the pages available. A response is a JSON object, which has
`error` if the request failed. The end of the input stops the gateway, also if the parent was killed.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TextIO

from infra.errors import InfraError
from infra.testing.server import TemporaryGateway

MERCHANT, PAGES = "merchant", "pages"
_WATCH_INTERVAL_S = 0.5


def follow(requests: TextIO, respond: Callable[[str], None], gateway: TemporaryGateway) -> None:
    """Answer requests until their end. Raises InfraError if the gateway exits."""
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read, args=(requests, lines), name="requests", daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_WATCH_INTERVAL_S)
        except Empty:
            gateway.require_alive()
            continue
        if not line:
            return
        respond(json.dumps(_response(line.strip(), gateway)))


def _read(requests: TextIO, lines: "SimpleQueue[str]") -> None:
    for line in requests:
        lines.put(line)
    lines.put("")


def _response(request: str, gateway: TemporaryGateway) -> dict[str, Any]:
    if request == MERCHANT:
        return asdict(gateway.new_merchant())
    if request == PAGES:
        try:
            gateway.upload_pages()
        except InfraError as error:
            return {"error": str(error)}
        return {}
    return {"error": f"{request!r} is not a request. The requests are {MERCHANT} and {PAGES}."}
