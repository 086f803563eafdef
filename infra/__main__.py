"""`python -m infra`: package, deploy and destroy a stage; run and demonstrate it on this machine."""

import argparse
import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws import Aws
from infra.errors import InfraError
from infra.packaging import package
from infra.sites import upload_sites
from infra.stack import Stack
from infra.stage import Stage

Command = Callable[[argparse.Namespace], int]

BACKENDS = ("ministack", "localstack")


def main(argv: list[str] | None = None) -> int:
    """Do one command; 1, with a sentence, when it cannot be done."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except InfraError as error:
        print(error, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
    return 1


def _package(arguments: argparse.Namespace) -> int:
    print(package(_stage(arguments)).folder / "sam.json")
    return 0


def _deploy(arguments: argparse.Namespace) -> int:
    stage, aws = _stage(arguments), Aws()
    outputs = Stack(stage, aws).deploy(package(stage))
    upload_sites(outputs, aws)
    for name, value in sorted(outputs.items()):
        print(f"{name:<28}{value}")
    return 0


def _destroy(arguments: argparse.Namespace) -> int:
    stage = _stage(arguments)
    if arguments.yes != stage.name:
        raise InfraError(
            f"This deletes {stage.stack_name} with all its data; say --yes {stage.name} to do it."
        )
    Stack(stage, Aws()).delete()
    return 0


# What only runs here is imported when it is asked for: a deployment needs no HTTP server.


def _run(arguments: argparse.Namespace) -> int:
    from infra.local.run import run  # noqa: PLC0415

    return run(arguments.backend)


def _demo(_arguments: argparse.Namespace) -> int:
    from infra.local import demo  # noqa: PLC0415

    return demo.main([])


def _stage(arguments: argparse.Namespace) -> Stage:
    return Stage.of(arguments.stage, os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    _add(commands, "run", _run, "run the gateway on this machine until Ctrl-C").add_argument(
        "--backend",
        choices=BACKENDS,
        default=BACKENDS[0],
        help="the AWS to run on: embedded, or LocalStack in Docker",
    )
    _add(commands, "demo", _demo, "make a payment on a gateway of its own, and tell it as a story")
    _add_stage(_add(commands, "package", _package, "make a stage's archives and template"))
    _add_stage(_add(commands, "deploy", _deploy, "create or update a stage's stack and upload its sites"))
    destroy = _add_stage(_add(commands, "destroy", _destroy, "delete a stage's stack with all its data"))
    destroy.add_argument("--yes", metavar="STAGE", help="the stage's name once more")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, help_: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_, description=help_)
    parser.set_defaults(command=command)
    return parser


def _add_stage(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--stage", required=True, help="the deployment's name: dev, staging, prod")
    return parser


if __name__ == "__main__":
    sys.exit(main())
