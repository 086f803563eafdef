"""What is checked before anything is packaged, uploaded or changed."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from chalicelib.settings import SettingsError, load_settings
from infra.aws import Aws
from infra.errors import InfraError
from infra.stage import Stage
from infra.template.functions import environment


def validate_settings(stage: Stage) -> None:
    """Load the settings exactly as the functions of ``stage`` will; InfraError names the variable at fault.

    No network and no files, milliseconds. ``Stage.of(name, os.environ)`` reads the variables.
    """
    variables = environment(stage).items()
    # What CloudFormation fills in, such as a table's name, is not known yet.
    known = {
        name: value if isinstance(value, str) else "assigned-by-cloudformation" for name, value in variables
    }
    try:
        load_settings(known)
    except SettingsError as error:
        raise InfraError(f"{error}.") from error
    _ = stage.capacity  # raises InfraError


def require_local_endpoint(stage: Stage, aws: Aws) -> None:
    """InfraError when a stage for one machine would be deployed elsewhere. No request."""
    if not stage.is_local:
        return
    # The clients' own addresses: variables, profiles and settings for one service all end there.
    for service in ("cloudformation", "s3", "sts", "lambda", "dynamodb"):
        address = aws.client(service).meta.endpoint_url
        if not _is_loopback(urlsplit(address).hostname or ""):
            raise InfraError(
                f"The stage {stage.name} is for this machine only, but {service} is at {address}: "
                "set AWS_ENDPOINT_URL to a loopback address (http://127.0.0.1:PORT), "
                "or choose another stage name."
            )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
