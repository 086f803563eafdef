"""How commands are declared, and how what is typed becomes a value."""

import argparse
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

Command = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - has no other name

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_command(commands: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    """A command, before its own arguments."""
    parser = commands.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
    parser.set_defaults(command=command)
    return parser


def add_stage(parser: argparse.ArgumentParser, *, default: str | None = None) -> argparse.ArgumentParser:
    """`--stage`, which must be said where there is no default."""
    said = f"the deployment's name, such as dev or prod (default: {default})" if default else "its name"
    parser.add_argument("--stage", required=default is None, default=default, help=said)
    return parser


def a_count(text: str) -> int:
    """A whole number from 1 on."""
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def a_duration(text: str) -> timedelta:
    """A time such as `90s`, `30m`, `24h` or `2d`; `0` is none."""
    if text == "0":
        return timedelta()
    if not (match := re.fullmatch(r"(\d{1,6})([smhd])", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 90s, 30m, 24h or 2d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
