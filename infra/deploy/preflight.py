"""Checks of the settings and the endpoint before anything is packaged, uploaded or changed."""

import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.settings import SettingsError, load_settings
from infra.aws import Aws
from infra.errors import InfraError
from infra.stage import Stage
from infra.template.functions import environment

FIRST_WITH_SNAPSHOTS = (3, 12)  # of Lambda's runtimes


def validate_settings(stage: Stage) -> None:
    """Load the settings as the functions of ``stage`` do. Raises InfraError that names an invalid variable.

    Uses neither the network nor files and takes milliseconds. ``Stage.of(name, os.environ)`` reads the
    variables.
    """
    variables = environment(stage).items()
    # CloudFormation sets the other values, such as table names, during the deployment.
    known = {
        name: value if isinstance(value, str) else "assigned-by-cloudformation" for name, value in variables
    }
    try:
        load_settings(known)
    except SettingsError as error:
        raise InfraError(f"{error}.") from error
    _ = stage.capacity, stage.safeguards  # raise InfraError
    check_snapshots(stage, sys.version_info[:2])
    if stage.edge.is_cloudfront and "API_URL" in stage.variables:
        raise InfraError(
            "API_URL cannot be set with SITES=cloudfront: buyers use the API at the address of the checkout. "
            "Remove API_URL and set CHECKOUT_DOMAIN, or set SITES=bucket."
        )


def check_snapshots(stage: Stage, python: tuple[int, int]) -> None:
    """Raise InfraError if the functions cannot start from snapshots with this version of Python."""
    if stage.has_snapshots and python < FIRST_WITH_SNAPSHOTS:
        first, used = (".".join(map(str, version)) for version in (FIRST_WITH_SNAPSHOTS, python))
        raise InfraError(
            f"SNAPSTART=on needs Python {first} or later, and the functions have the version that packages "
            f"them: {used}. Delete .venv and run `make lint PYTHON=python{first}`, or set SNAPSTART=off."
        )


def require_local_endpoint(stage: Stage, aws: Aws) -> None:
    """Raise InfraError if a local stage would be deployed to a remote endpoint. No requests."""
    if not stage.is_local:
        return
    # The clients' endpoints include the effect of variables, profiles and settings of a single service.
    for service in ("cloudformation", "s3", "sts", "lambda", "dynamodb"):
        address = aws.client(service).meta.endpoint_url
        if not _is_loopback(urlsplit(address).hostname or ""):
            raise InfraError(
                f"The stage {stage.name} is for this machine only, but the {service} endpoint is {address}. "
                "Set AWS_ENDPOINT_URL to a loopback address (http://127.0.0.1:PORT), "
                "or choose another stage name."
            )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
