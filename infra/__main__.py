"""`python -m infra`: the command line."""

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from pynamodb.exceptions import PynamoDBException

from infra.deploy import commands as stages
from infra.errors import InfraError
from infra.local import commands as local
from infra.local.loopback import bypass_proxies
from infra.operator import (
    clock,
    doctor,
    endpoints,
    erasure,
    history,
    lab,
    listen,
    merchants,
    page,
    reconcile,
    redrive,
    trigger,
)
from infra.output import fit_any_encoding
from infra.project import IS_INSTALLED, NAME
from infra.testing import commands as testing

_DESCRIPTION = "Run the gateway locally, deploy it to AWS, and operate a deployed stage."
_PROGRAM = NAME if IS_INSTALLED else "python -m infra"
_INTERRUPTED = 130
_AREAS = (
    local,
    testing,
    stages,
    merchants,
    endpoints,
    listen,
    lab,
    trigger,
    clock,
    redrive,
    doctor,
    reconcile,
    history,
    erasure,
    page,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command. If it fails, print a one-sentence error and return 1, or the command's status."""
    fit_any_encoding()
    bypass_proxies(os.environ)
    arguments = command_parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except InfraError as error:
        print(error, file=sys.stderr)
    except NoCredentialsError:
        print("AWS credentials not found. Sign in, or set AWS_PROFILE to a profile.", file=sys.stderr)
    except NoRegionError:
        print("AWS region not set. Set AWS_DEFAULT_REGION.", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"The request to AWS failed: {error}", file=sys.stderr)
    except PynamoDBException as error:
        print(f"The request to DynamoDB failed: {error.cause or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return _INTERRUPTED
    return int(getattr(arguments, "error_status", 1))


def command_parser() -> argparse.ArgumentParser:
    """The parser of all commands. The parsed arguments have the attribute `command`, a function."""
    parser = argparse.ArgumentParser(prog=_PROGRAM, description=_DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="command")
    for area in _AREAS:
        area.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
