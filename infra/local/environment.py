"""Isolation of local runs from the user's AWS configuration and proxies."""

import os
from collections.abc import MutableMapping

from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION
from infra.local.loopback import bypass_proxies
from infra.local.ports import variables

_AWS = ("AWS_", "BOTO_")

# With these, boto3 reads neither the user's configuration files nor the instance metadata service.
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
    """Replace the user's AWS settings in ``environment``, and exempt loopback addresses from proxies.

    Call this before the first AWS client is created. The variables that choose ports are kept.
    """
    for name in [name for name in environment if name.startswith(_AWS) and name not in variables()]:
        del environment[name]
    environment.update(LOCAL_AWS)
    bypass_proxies(environment)
