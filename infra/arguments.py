"""Definition of commands, and parsers of argument values."""

import argparse
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_command(commands: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    """Add a command without arguments and return its parser."""
    parser = commands.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    parser.set_defaults(command=command)
    return parser


def add_stage(parser: argparse.ArgumentParser, *, default: str | None = None) -> argparse.ArgumentParser:
    """Add `--stage`, required if it has no default."""
    help_ = "name of the stage, such as dev or prod" + (f" (default: {default})" if default else "")
    parser.add_argument("--stage", required=default is None, default=default, help=help_)
    return parser


def add_merchant(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the merchant, by id or email address."""
    parser.add_argument("merchant", metavar="id|email", help="the merchant's id or email address")
    return parser


def positive_int(text: str) -> int:
    """Parse an integer greater than 0."""
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer greater than 0")
    return int(text)


def non_negative_int(text: str) -> int:
    """Parse an integer of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer of at least 0")
    return int(text)


def duration(text: str) -> timedelta:
    """Parse a duration such as `90s`, `30m`, `24h`, `2d` or `0`."""
    if text == "0":
        return timedelta()
    if not (match := re.fullmatch(r"(\d{1,6})([smhd])", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration: use 90s, 30m, 24h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
