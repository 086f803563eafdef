"""The clients of AWS services, except DynamoDB, whose client belongs to the database."""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from chalicelib.store.database import CLIENT_DEFAULTS

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 4, "mode": "standard"})


# The audit log is written before the response is returned, and its failure does not fail the request.
_CONFIGS = {
    "logs": Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"})
}


@cache
def client(service: str) -> Any:
    """The client of ``service``, one per process. It is thread-safe; its creation is not."""
    return _session().create_client(service, config=_CONFIGS.get(service, _CONFIG))


@cache
def _session() -> Session:
    """One session, because each parses the endpoints of all regions again.

    boto3, which has the same clients, imports 60 more modules for its resources and transfers.
    """
    session = get_session()
    session.set_default_client_config(CLIENT_DEFAULTS)
    return session
