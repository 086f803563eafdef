"""Bundles of a site's scripts and styles, made by esbuild.

A bundle contains an entry of a page with everything that it imports, without comments and unneeded spaces.
Modules that several entries import, or that are imported on demand, are in separate files. Each file has a
source map, so that the browser's developer tools show the sources.
"""

import json
import posixpath
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.errors import InfraError
from infra.vendored import esbuild

_TIMEOUT_S = 60
_STATIC = "import-statement"  # the kind of an import that is not on demand
_SOURCES, _BUILT, _METAFILE = "sources", "built", "metafile.json"
_OPTIONS = (
    "--bundle",
    "--splitting",
    "--format=esm",
    "--minify",
    "--charset=utf8",
    "--sourcemap",
    "--chunk-names=parts/[name]-[hash]",
    f"--outdir={_BUILT}",
    f"--outbase={_SOURCES}",
    f"--metafile={_METAFILE}",
    "--log-level=warning",
)


@dataclass(frozen=True)
class Bundles:
    """The bundled ``files`` by key, and what esbuild reports about them."""

    files: Mapping[str, bytes]
    _outputs: Mapping[str, Any]

    def imported_by(self, key: str) -> list[str]:
        """The files that the file at ``key`` imports statically, directly or indirectly, breadth-first."""
        found: dict[str, None] = {}
        queue = [key]
        while queue:
            for each in self._imports.get(queue.pop(0), []):
                if each not in found:
                    found[each] = None
                    queue.append(each)
        return list(found)

    @cached_property
    def _imports(self) -> Mapping[str, list[str]]:
        return {
            _key(path): [
                _key(each["path"]) for each in output["imports"] if each["kind"] == "import-statement"
            ]
            for path, output in self._outputs.items()
        }


def bundled(files: Mapping[str, bytes], entries: Iterable[str]) -> Bundles:
    """Bundle the ``entries`` of ``files``. An entry keeps its key.

    Raises InfraError if esbuild cannot be installed, or if a script imports a file that does not exist.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for key, content in files.items():
            target = folder / _SOURCES / key
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _run_esbuild(folder, sorted(entries))
        outputs = json.loads((folder / _METAFILE).read_text())["outputs"]
        return Bundles({_key(path): (folder / path).read_bytes() for path in sorted(outputs)}, outputs)


def _run_esbuild(folder: Path, entries: list[str]) -> None:
    command = [str(esbuild()), *_OPTIONS, *(f"{_SOURCES}/{entry}" for entry in entries)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode or done.stderr:
        raise InfraError(f"The site's scripts and styles could not be bundled: {done.stderr.strip()}")


def _key(path: str) -> str:
    return posixpath.relpath(path, _BUILT)
