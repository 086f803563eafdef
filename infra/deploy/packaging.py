"""The upload: Chalice's packages of the code and of its dependencies, and the merged template."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deploy.preflight import validate_settings
from infra.errors import InfraError
from infra.project import BUILD_DIR, ROOT
from infra.stage import Stage
from infra.template import build_template

SOURCES = ("app.py", "chalicelib", "requirements.txt", ".chalice/config.json")
TIMEOUT_S = 600  # the first package downloads the dependencies
_DEPENDENCIES_DIR = BUILD_DIR / "dependencies"  # shared by all stages; made again only for new requirements


@dataclass(frozen=True)
class Package:
    """A stage's template, and the folder with the archives that it names."""

    folder: Path

    def template(self) -> dict[str, Any]:
        """The merged template, before its archives are uploaded."""
        template: dict[str, Any] = json.loads((self.folder / "sam.json").read_text())
        return template


def package(stage: Stage, *, dependencies: bool = True) -> Package:
    """Package ``stage``; what has not changed since the last time is not made again.

    Without ``dependencies`` only the code, for an AWS whose functions find them in this environment.
    InfraError, and nothing is packaged, when the functions could not start with the stage's settings.
    """
    validate_settings(stage)
    folder = BUILD_DIR / (stage.name if dependencies else f"{stage.name}-code")
    merge = json.dumps(build_template(stage), indent=2, sort_keys=True)
    fingerprint = _fingerprint(merge)
    with _only_one():
        if _last_fingerprint(folder) != fingerprint:
            _build(stage, folder, merge, dependencies=dependencies)
            (folder / "fingerprint").write_text(fingerprint)
    return Package(folder / "package")


def _fingerprint(merge: str) -> str:
    digest = hashlib.sha256(f"{sys.version}\n{merge}".encode())
    for path in _source_files():
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        if path.is_file():
            yield path
        else:
            yield from sorted(each for each in path.rglob("*.*") if "__pycache__" not in each.parts)


def _last_fingerprint(folder: Path) -> str | None:
    try:
        return (folder / "fingerprint").read_text()
    except FileNotFoundError:
        return None


def _build(stage: Stage, folder: Path, merge: str, *, dependencies: bool) -> None:
    """Let Chalice package a copy of the sources, so that nothing it leaves behind lands in the tree."""
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "project"
    for path in _source_files():
        copy = project / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    if not dependencies:
        (project / "requirements.txt").write_text("")
    _DEPENDENCIES_DIR.mkdir(exist_ok=True)
    (project / ".chalice" / "deployments").symlink_to(_DEPENDENCIES_DIR)
    merge_file = folder / "merge.json"
    merge_file.write_text(merge)
    _run_chalice(stage, project, merge_file, folder / "package")
    for archive in _DEPENDENCIES_DIR.glob("*.zip"):
        if not archive.name.startswith("managed-layer-"):
            archive.unlink()  # copied into the package; only the layer is worth keeping


def _run_chalice(stage: Stage, project: Path, merge_file: Path, out: Path) -> None:
    command: list[str | Path] = [Path(sys.executable).with_name("chalice"), "package", "--stage", stage.name]
    command += ["--pkg-format", "cloudformation", "--template-format", "json"]
    command += ["--merge-template", merge_file, out]
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    log = project.parent / "chalice.log"
    with log.open("w") as output:
        done = subprocess.run(
            command,
            cwd=project,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=False,
        )
    if done.returncode or not (out / "sam.json").exists():
        raise InfraError(f"The code could not be packaged: {_last_line(log)} (all of it in {log})")
    if "Could not install dependencies" in log.read_text():
        raise InfraError(f"Not every dependency has a wheel for Lambda; {log} names them.")


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text().splitlines() if line.strip()]
    return lines[-1] if lines else "chalice said nothing"


@contextmanager
def _only_one() -> Iterator[None]:
    """Wait for another process that packages: the dependencies are shared."""
    BUILD_DIR.mkdir(exist_ok=True)
    with (BUILD_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
