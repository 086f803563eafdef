"""A copy of the source tree, like a new clone."""

import shutil
import sys
from pathlib import Path

from infra.project import BUILD_DIR, ROOT

_NOT_CLONED = shutil.ignore_patterns(
    ".git", ".venv", ".build", ".local", ".hypothesis", ".*_cache", "__pycache__", "node_modules"
)
_DOWNLOADED = ("dependencies", "vendored")


def clone_into(folder: Path) -> None:
    """Copy the tree to ``folder``. It shares the downloads of this tree, including their lock."""
    shutil.copytree(ROOT, folder, ignore=_NOT_CLONED)
    (folder / ".venv").symlink_to(sys.prefix)
    build = folder / ".build"
    build.mkdir()
    for name in _DOWNLOADED:
        (BUILD_DIR / name).mkdir(parents=True, exist_ok=True)
        (build / name).symlink_to(BUILD_DIR / name)
    (build / "lock").symlink_to(BUILD_DIR / "lock")
