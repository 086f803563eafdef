"""The commands `run` and `demo`. They import their modules when they are called."""

import argparse

from infra.arguments import Commands, add_command

ACQUIRERS = ("simulated", "stripe")
BACKENDS = ("ministack", "localstack")


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    add_command(commands, "run", _run, "run the gateway locally until Ctrl-C").add_argument(
        "--backend",
        choices=BACKENDS,
        default=BACKENDS[0],
        help=f"AWS emulator: embedded, or LocalStack in Docker (default: {BACKENDS[0]})",
    )
    add_command(
        commands, "demo", _demo, "create payments on a separate gateway and show their webhooks"
    ).add_argument(
        "--acquirer",
        choices=ACQUIRERS,
        default=ACQUIRERS[0],
        help=f"the acquirer of cards; {ACQUIRERS[1]} is an emulator (default: {ACQUIRERS[0]})",
    )


def _run(arguments: argparse.Namespace) -> int:
    from infra.local.run import run  # noqa: PLC0415

    return run(arguments.backend)


def _demo(arguments: argparse.Namespace) -> int:
    from infra.local import demo  # noqa: PLC0415

    return demo.main(["--acquirer", arguments.acquirer])
