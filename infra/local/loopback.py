"""HTTP calls to this machine: never through a proxy, and with nothing of the user's own settings."""

from collections.abc import MutableMapping

import requests

_HOSTS = ("localhost", "127.0.0.1", "::1")


def session() -> requests.Session:
    """A session that ignores proxies, ``.netrc`` and certificate bundles of the environment."""
    made = requests.Session()
    made.trust_env = False
    return made


def bypass_proxies(environment: MutableMapping[str, str]) -> None:
    """Exempt this machine from the proxies of ``environment``, for every library that honours NO_PROXY.

    Other addresses, such as a package registry or AWS itself, are reached as before.
    """
    exempt = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if exempt.strip() != "*":
        names = [name.strip() for name in exempt.split(",") if name.strip()]
        exempt = ",".join([*names, *(host for host in _HOSTS if host not in names)])
    environment["no_proxy"] = environment["NO_PROXY"] = exempt
