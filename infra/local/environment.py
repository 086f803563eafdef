"""The environment of everything that runs on this machine: the user's own AWS and proxies stay out of it."""

import os
from collections.abc import MutableMapping

from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION
from infra.local.loopback import bypass_proxies
from infra.local.ports import variables

_AWS = ("AWS_", "BOTO_")

# With these, boto3 reads no file of the user's, and asks no metadata service for credentials.
_NO_CONFIGURATION = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
LOCAL_AWS = {
    **_NO_CONFIGURATION,
    **{name.upper(): value for name, value in LOCAL_CREDENTIALS.items()},
    "AWS_REGION": LOCAL_REGION,
    "AWS_DEFAULT_REGION": LOCAL_REGION,
}


def isolate(environment: MutableMapping[str, str]) -> None:
    """Remove the user's AWS settings from ``environment``, and exempt this machine from proxies.

    To be called before the first AWS client is made. The variables of our own ports are kept.
    """
    for name in [name for name in environment if name.startswith(_AWS) and name not in variables()]:
        del environment[name]
    environment.update(LOCAL_AWS)
    bypass_proxies(environment)
