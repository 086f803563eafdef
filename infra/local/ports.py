"""The ports of a local gateway."""

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Self

from infra.errors import InfraError

HOST = "127.0.0.1"
HOST_V6 = "::1"
HIGHEST = 65_535


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of a local gateway, always on loopback."""

    api: int = 8000
    dashboard: int = 3000
    checkout: int = 3001
    receiver: int = 4000
    aws: int = 4566

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> Self:
        """The ports in ``environment`` (API_PORT, DASHBOARD_PORT and so on), or the defaults.

        Raises InfraError that names the variable if a value is not a port, or if two ports are equal.
        """
        given = {name: environment.get(variable(name), "").strip() for name in cls._names()}
        ports = cls(**{name: _port(variable(name), text) for name, text in given.items() if text})
        ports.require_different()
        return ports

    @classmethod
    def free(cls) -> Self:
        """Ports that are currently not in use."""
        with ExitStack() as stack:
            listeners = {name: stack.enter_context(socket.socket()) for name in cls._names()}
            for listener in listeners.values():
                listener.bind((HOST, 0))
            return cls(**{name: listener.getsockname()[1] for name, listener in listeners.items()})

    def require_different(self) -> None:
        """Raise InfraError that names the variables of two equal ports."""
        first: dict[int, str] = {}
        for name, port in self._by_name().items():
            if (other := first.setdefault(port, name)) != name:
                raise InfraError(
                    f"{variable(other)} and {variable(name)} are both {port}. Choose another port for one "
                    f"of them, for example {variable(name)}={self._unused(port)} make run"
                )

    def require_free(self) -> None:
        """Raise InfraError that names the first unavailable port and suggests another one."""
        for name, port in self._by_name().items():
            another = f"Choose another port, for example {variable(name)}={self._unused(port)} make run"
            try:
                listen_on(port)
            except PermissionError as error:
                raise InfraError(f"Port {port} requires administrator rights. {another}") from error
            except OSError as error:
                raise InfraError(
                    f"Port {port} is in use. Stop the process that listens on it. {another}"
                ) from error

    def _unused(self, port: int) -> int:
        """A port near ``port`` that is not one of these and needs no administrator rights."""
        taken = self._by_name().values()
        near = range(max(port + 1, 1024), HIGHEST + 1)
        return next((each for each in near if each not in taken), 8000)

    def _by_name(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self._names()}

    @classmethod
    def _names(cls) -> list[str]:
        return [field.name for field in fields(cls)]


def variable(name: str) -> str:
    """The environment variable that chooses the port ``name``."""
    return f"{name.upper()}_PORT"


def variables() -> frozenset[str]:
    """The environment variables that choose ports."""
    return frozenset(variable(field.name) for field in fields(Ports))


def is_taken(port: int) -> bool:
    """Whether another process listens on ``port`` of HOST."""
    try:
        _listen(socket.AF_INET, HOST, port)
    except OSError:
        return True
    return False


def listen_on(port: int) -> None:
    """Listen on ``port`` of both loopback addresses briefly. Raises OSError if that is not possible.

    A browser that opens ``localhost`` tries ``::1`` first. Another server there would receive its requests.
    """
    _listen(socket.AF_INET, HOST, port)
    try:
        _listen(socket.AF_INET6, HOST_V6, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:  # any other error means that this machine has no IPv6
            raise


def _listen(family: socket.AddressFamily, host: str, port: int) -> None:
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()


def _port(variable: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= HIGHEST):
        raise InfraError(f"{variable} must be a port from 1 to {HIGHEST}, not {text!r}.")
    return int(text)
