"""The emulator of Stripe, on loopback: ``python -m infra.local.stripe_server PORT [FILE]``.

It serves until its input ends. localstripe listens on all addresses, writes all cards to a file in /tmp after
each change, and logs each request. This program uses its routes and its memory, and writes to FILE only.
"""

import os
import pickle
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from aiohttp import web
from localstripe.resources import PaymentIntent, Store, store
from localstripe.server import app

from infra.local.ports import HOST


def main() -> None:
    """Serve until standard input ends, also if the parent process was killed."""
    _, port, *files = sys.argv
    Store.dump_to_disk = lambda _store: _dump(files)
    _accept_newer_parameters()
    Thread(target=_stop_with_parent, daemon=True).start()
    web.run_app(app, host=HOST, port=int(port), access_log=None, print=None)


def _dump(files: Sequence[str]) -> None:
    """Write all data to the files, as localstripe does after each change."""
    for file in files:
        with Path(file).open("wb") as opened:
            pickle.dump(store, opened, protocol=pickle.HIGHEST_PROTOCOL)


def _accept_newer_parameters() -> None:
    """Ignore the parameters of a PaymentIntent that are newer than the emulator."""
    create = PaymentIntent._api_create.__func__

    def create_without(cls: type, /, **data: Any) -> Any:
        for name in ("return_url", "allowed_payment_method_types"):
            data.pop(name, None)
        return create(cls, **data)

    PaymentIntent._api_create = classmethod(create_without)


def _stop_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
