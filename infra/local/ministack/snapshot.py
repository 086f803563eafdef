"""Snapshots: the file with the state of the embedded AWS, and the previous file.

The file is replaced as a whole, so that it contains the states of all services at the same moment. Earlier
versions wrote one file per service, which are read if no snapshot exists.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SERVICES = "services"


class DamagedSnapshotError(Exception):
    """A snapshot cannot be read."""


@dataclass(frozen=True)
class Snapshots:
    """The snapshots in ``folder``."""

    folder: Path

    @property
    def current(self) -> Path:
        """The latest snapshot."""
        return self.folder / "snapshot.json"

    @property
    def previous(self) -> Path:
        """The previous snapshot."""
        return self.folder / "snapshot.previous.json"

    def replace(self, services: Mapping[str, str], *, may_replace: Callable[[], bool] = lambda: True) -> None:
        """Write a new snapshot of ``services``, each as JSON text. The current one becomes the previous."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = self.folder / f"snapshot.{os.getpid()}.tmp"
        members = ",".join(f"{json.dumps(name)}:{state}" for name, state in services.items())
        with written.open("w", encoding="utf-8") as file:
            file.write(f'{{"{_SERVICES}":{{{members}}}}}')
            file.flush()
            os.fsync(file.fileno())
        if not may_replace():
            written.unlink()
            return
        if self.current.exists():
            linked = self.folder / f"snapshot.{os.getpid()}.link"
            linked.unlink(missing_ok=True)
            os.link(self.current, linked)
            linked.replace(self.previous)
        written.replace(self.current)

    def recover(self) -> str | None:
        """Make the latest readable snapshot the current one. Returns a message if a snapshot was damaged."""
        for leftover in (*self.folder.glob("snapshot.*.tmp"), *self.folder.glob("snapshot.*.link")):
            leftover.unlink()
        if self._is_readable(self.current):
            return None
        damaged = self.current.with_suffix(".damaged")
        if self.current.exists():
            self.current.replace(damaged)
        elif not self.previous.exists():
            return None
        if self._is_readable(self.previous):
            shutil.copyfile(self.previous, self.current)
            return f"The saved state in {self.folder} was damaged. The gateway uses the previous state."
        return f"The saved state is damaged and cannot be read: {damaged}. The gateway starts without data."

    def remove_unused_code(self) -> None:
        """Delete code archives of functions that no snapshot references."""
        archives = list((self.folder / "lambda-blobs").glob("*.zip"))
        snapshots = [
            path.read_text(encoding="utf-8", errors="replace")
            for path in (self.current, self.previous)
            if path.exists()
        ]
        for archive in archives if snapshots else []:
            if not any(archive.stem in snapshot for snapshot in snapshots):
                archive.unlink()

    def read(self, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> dict[str, Any] | None:
        """The states in the current snapshot by service, or None if there is no snapshot."""
        try:
            content = json.loads(self.current.read_text(encoding="utf-8"), object_hook=object_hook)
            services: dict[str, Any] = content[_SERVICES]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedSnapshotError(str(self.current)) from error
        return services

    def _is_readable(self, path: Path) -> bool:
        try:
            return isinstance(json.loads(path.read_text(encoding="utf-8"))[_SERVICES], dict)
        except (OSError, ValueError, KeyError, TypeError):
            return False
