"""`python -m infra.local.receiver --port 4000 --secret whsec_…`: run the receiver until a signal."""

import argparse
import signal
import sys

from infra.local.receiver import Behaviour, Receiver
from infra.output import fit_any_encoding


def main(argv: list[str] | None = None) -> int:
    """Receive webhooks until SIGINT or SIGTERM. Returns 1 if the port is in use."""
    fit_any_encoding()
    arguments = _parser().parse_args(argv)
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before the thread starts, which inherits it
    behaviour = Behaviour.model_validate({name: getattr(arguments, name) for name in Behaviour.model_fields})
    try:
        with Receiver(
            secret=arguments.secret,
            port=arguments.port,
            behaviour=behaviour,
            announce=lambda line: print(line, flush=True),
        ) as receiver:
            print(f"Waiting for webhooks at {receiver.url}", flush=True)
            signal.sigwait(stops)
    except OSError as error:
        print(
            f"The receiver cannot listen on port {arguments.port}: {error.strerror}. "
            "Choose another port with --port.",
            file=sys.stderr,
        )
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.receiver",
        description="Receive a merchant's webhooks, verify them and show them on a page.",
    )
    parser.add_argument("--port", type=int, default=4000, help="port on loopback (default: 4000)")
    parser.add_argument("--secret", required=True, help="the merchant's webhook secret")
    for name, switch in Behaviour.model_fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default=switch.default, help=switch.description)
    return parser


if __name__ == "__main__":
    sys.exit(main())
