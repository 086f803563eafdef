"""`run` and `demo`: the gateway on this machine. What they need is imported when they are asked for."""

import argparse

from infra.arguments import Commands, add_command

BACKENDS = ("ministack", "localstack")


def add_commands(commands: Commands) -> None:
    """Declare them."""
    add_command(commands, "run", _run, "run the gateway on this machine until Ctrl-C").add_argument(
        "--backend",
        choices=BACKENDS,
        default=BACKENDS[0],
        help="the AWS to run on: embedded, or LocalStack in Docker",
    )
    add_command(commands, "demo", _demo, "make a payment on a gateway of its own, and tell it as a story")


def _run(arguments: argparse.Namespace) -> int:
    from infra.local.run import run  # noqa: PLC0415

    return run(arguments.backend)


def _demo(_arguments: argparse.Namespace) -> int:
    from infra.local import demo  # noqa: PLC0415

    return demo.main([])
