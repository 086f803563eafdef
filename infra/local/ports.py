"""The ports of a local gateway."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Self

from infra.errors import InfraError

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where a local gateway listens, always on loopback. The defaults are those of the contract."""

    api: int = 8000
    dashboard: int = 3000
    checkout: int = 3001
    receiver: int = 4000
    aws: int = 4566

    @classmethod
    def chosen(cls, environment: Mapping[str, str]) -> Self:
        """The defaults, and what ``environment`` says otherwise: API_PORT, DASHBOARD_PORT and so on."""
        given = {name: environment.get(variable(name)) for name in cls._names()}
        try:
            return cls(**{name: int(text) for name, text in given.items() if text})
        except ValueError as error:
            raise InfraError(f"A port must be a number: {error}.") from error

    @classmethod
    def free(cls) -> Self:
        """Ports that nobody listens on now."""
        with ExitStack() as stack:
            taken = {name: stack.enter_context(socket.socket()) for name in cls._names()}
            for listener in taken.values():
                listener.bind((HOST, 0))
            return cls(**{name: listener.getsockname()[1] for name, listener in taken.items()})

    def require_free(self) -> None:
        """InfraError that names the first port that is taken, and the way out."""
        for name in self._names():
            port = getattr(self, name)
            if is_taken(port):
                raise InfraError(
                    f"Port {port} is taken; stop what listens there, or choose another: "
                    f"{variable(name)}={port + 1} make run"
                )

    @classmethod
    def _names(cls) -> list[str]:
        return [field.name for field in fields(cls)]


def variable(name: str) -> str:
    """The environment variable that chooses the port ``name``."""
    return f"{name.upper()}_PORT"


def is_taken(port: int) -> bool:
    """Whether somebody listens on ``port``."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return True
    return False
