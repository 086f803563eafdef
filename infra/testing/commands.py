"""The command `fixture`: a temporary gateway for the tests of a shop, in any language."""

import argparse
from typing import NamedTuple

from infra.arguments import Commands, add_command
from infra.local.ports import HIGHEST

_DESCRIPTION = """\
Run a temporary gateway without Docker, on free ports and without data, for the tests of a shop.

With a COMMAND, run it with the addresses and credentials in environment variables (PAYMENT_GATEWAY_API_URL,
_API_KEY, _API_SECRET, _WEBHOOK_SECRET, _CHECKOUT_URL, ...), stop the gateway, and exit with its status:

    payment-gateway fixture -- npm test

Without one, print them as one line of JSON and run until Ctrl-C or SIGTERM."""


class Setting(NamedTuple):
    """An environment variable of the gateway."""

    name: str
    value: str


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "fixture", _fixture, "run a temporary gateway for the tests of a shop")
    parser.description = _DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--port", type=_port, help="the port of the API (default: a free one)")
    parser.add_argument(
        "--pages",
        action="store_true",
        help="also serve the checkout page and the dashboard; the first start installs packages from npm",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="a setting of the gateway, such as WEBHOOK_RETRY_INTERVALS_TEST=true; can be repeated",
    )
    parser.add_argument(
        "--controlled", action="store_true", help=argparse.SUPPRESS
    )  # by infra.testing.process
    parser.add_argument("words", metavar="COMMAND", nargs="*", help="the command to run, after --")


def _fixture(arguments: argparse.Namespace) -> int:
    from infra.testing.program import fixture  # noqa: PLC0415

    return fixture(
        dict(arguments.settings),
        api_port=arguments.port,
        pages=arguments.pages,
        controlled=arguments.controlled,
        command=arguments.words,
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= HIGHEST):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to {HIGHEST}")
    return int(text)


def _setting(text: str) -> Setting:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return Setting(name, value)
