"""The project's name and directories, in a checkout of the repository or installed with pip."""

import os
from pathlib import Path

NAME = "payment-gateway"
_PACKAGE = Path(__file__).resolve().parent
_INSTALLED_FILES = _PACKAGE / "installed"  # pyproject.toml puts the files of the repository there
IS_INSTALLED = _INSTALLED_FILES.is_dir()


def cache_dir() -> Path:
    """The user's cache directory for this project. An installation never writes to its own directory."""
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / NAME


IMPORTS = _PACKAGE.parent  # the directory from which `infra` is imported
ROOT = _INSTALLED_FILES if IS_INSTALLED else IMPORTS
_WRITABLE = cache_dir() if IS_INSTALLED else ROOT
BUILD_DIR = _WRITABLE / ".build"
LOCAL_DIR = _WRITABLE / ".local"
