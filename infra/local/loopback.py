"""HTTP requests to loopback addresses: without proxies and without the user's settings."""

from collections.abc import MutableMapping

import requests

_HOSTS = ("localhost", "127.0.0.1", "::1")


def session() -> requests.Session:
    """A session that ignores proxies, ``.netrc`` and certificate bundles of the environment."""
    isolated = requests.Session()
    isolated.trust_env = False
    return isolated


def bypass_proxies(environment: MutableMapping[str, str]) -> None:
    """Add loopback addresses to NO_PROXY in ``environment``.

    Requests to other hosts, such as a package registry or AWS, still use the proxies.
    """
    exempt = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if exempt.strip() != "*":
        names = [name.strip() for name in exempt.split(",") if name.strip()]
        exempt = ",".join([*names, *(host for host in _HOSTS if host not in names)])
    environment["no_proxy"] = environment["NO_PROXY"] = exempt
