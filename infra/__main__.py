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
from infra.operator import doctor, listen, merchants, redrive, trigger
from infra.output import fit_any_encoding

_PURPOSE = "Run the gateway on this machine, deploy it to AWS, and operate what is deployed."
_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Do one command; 1, with a sentence, when it cannot be done."""
    fit_any_encoding()
    bypass_proxies(os.environ)
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except InfraError as error:
        print(error, file=sys.stderr)
    except NoCredentialsError:
        print(
            "There are no AWS credentials here; sign in, or name a profile in AWS_PROFILE.", file=sys.stderr
        )
    except NoRegionError:
        print("No AWS region is chosen; name one in AWS_DEFAULT_REGION.", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
    except PynamoDBException as error:
        print(f"DynamoDB refused: {error.cause or error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return _INTERRUPTED
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=_PURPOSE)
    commands = parser.add_subparsers(required=True, metavar="command")
    for area in (local, stages, merchants, listen, trigger, redrive, doctor):
        area.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
