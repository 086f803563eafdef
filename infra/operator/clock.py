"""The command `clock`: show a merchant's test clock, or move it ahead."""

import argparse
from datetime import UTC, datetime, timedelta

from chalicelib.domain.merchant_clock import parse_duration
from chalicelib.services.merchant_clocks import ClockReading
from infra.arguments import Commands, add_command, add_stage
from infra.errors import InfraError
from infra.operator.deployment import DEFAULT_STAGE, Deployment, operator_errors

_HELP = "show a merchant's test clock, or move it ahead; not in production"


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(add_command(commands, "clock", clock, _HELP), default=DEFAULT_STAGE)
    parser.add_argument("--merchant", metavar="ID", help="the merchant's id (default: the test merchant)")
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--advance", type=_duration, metavar="DURATION", help="move it ahead, such as 90s, 2h36m or 1d"
    )
    target.add_argument("--to", type=_moment, metavar="TIME", help="move it to an ISO 8601 time with offset")


def clock(arguments: argparse.Namespace) -> int:
    """Print the clock. With a target, move it there first, and print the progress."""
    deployment = Deployment.load(arguments.stage)
    if deployment.stage.is_production:
        raise InfraError("Production stages have no test clock.")
    merchant = deployment.merchant(arguments.merchant)
    clocks, target = deployment.gateway.clocks, arguments.to or arguments.advance
    with operator_errors():
        reading = clocks.read(merchant.id)
        while target:
            reading = clocks.advance(merchant.id, to=target)
            target = reading.clock.target
            if reading.jobs or target:
                print(f"{_jobs(reading.jobs)} processed, until {_text(reading.now)}", flush=True)
    print(f"{merchant.name}: {_text(reading.now)}, {_ahead(reading)}")
    return 0


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _ahead(reading: ClockReading) -> str:
    seconds = round(reading.clock.offset.total_seconds())
    if not seconds:
        return "the real time"
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) + " ahead of the real time"


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-03-14T15:09:26Z")
    return moment.astimezone(UTC)
