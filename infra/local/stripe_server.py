"""The emulator of Stripe, on loopback: ``python -m infra.local.stripe_server PORT``, until its input ends.

localstripe listens on all addresses, writes all cards to a file in /tmp and logs each request. This program
uses its routes and its memory only.
"""

import os
import signal
import sys
from threading import Thread
from typing import Any

from aiohttp import web
from localstripe.resources import PaymentIntent, Store
from localstripe.server import app

from infra.local.ports import HOST


def main() -> None:
    """Serve until standard input ends, also if the parent process was killed."""
    Store.dump_to_disk = lambda _store: None
    _accept_newer_parameters()
    Thread(target=_stop_with_parent, daemon=True).start()
    web.run_app(app, host=HOST, port=int(sys.argv[1]), access_log=None, print=None)


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
