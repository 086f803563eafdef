"""A lock that lets only one process use a folder."""

import fcntl
import os
from pathlib import Path

from infra.errors import InfraError


class Lock:
    """A lock on the file ``path``. The system releases it when the process ends, even if it is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Acquire the lock. Raises InfraError if another process holds it."""
        if self._file is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise InfraError(f"Another gateway uses {self._path.parent}. Stop it first.") from error
        self._file = file

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
