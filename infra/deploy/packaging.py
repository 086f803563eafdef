"""The package of a stage: Chalice's archives of the code and its dependencies, and the merged template."""

import fcntl
import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.deploy.aws_models import reduce_aws_models
from infra.deploy.bytecode import add_bytecode
from infra.deploy.preflight import validate_settings
from infra.errors import InfraError
from infra.project import BUILD_DIR, ROOT
from infra.stage import Api, Rollout, Stage
from infra.template import aliases, build_template, http_api

SOURCES = ("app.py", "chalicelib", "requirements.txt", ".chalice/config.json")
# The address in a package of a local gateway, so that gateways on different ports have the same package.
ANY_API_URL = "http://any-api-url.invalid"
TIMEOUT_S = 600  # the first package downloads the dependencies
UNUSED_S = 3_600
DEPENDENCIES_DIR = BUILD_DIR / "dependencies"  # shared by all stages; rebuilt when the requirements change


@dataclass(frozen=True)
class Package:
    """The folder with a stage's template and archives. ``api_url`` replaces ANY_API_URL in the template."""

    folder: Path
    api_url: str | None = None

    def template(self) -> dict[str, Any]:
        """The merged template with local paths of the archives."""
        text = (self.folder / "sam.json").read_text()
        if self.api_url is not None:
            text = text.replace(ANY_API_URL, self.api_url)
        template: dict[str, Any] = json.loads(text)
        return template


def package(stage: Stage, *, dependencies: bool = True) -> Package:
    """Package ``stage``, unless there is a package of the same code and settings.

    Each package has its own folder, which does not change while another process packages other settings.
    Without ``dependencies``, package only the code, for an emulator whose functions import from this Python
    environment. Raises InfraError, before packaging, if the functions could not start with the settings.
    """
    validate_settings(stage)
    packages = BUILD_DIR / "packages" / (stage.name if dependencies else f"{stage.name}-code")
    merge = json.dumps(build_template(stage), indent=2, sort_keys=True)
    folder = packages / _fingerprint(f"{stage.rollout} {stage.architecture} {stage.has_snapshots}\n{merge}")
    with _locked():
        if not folder.exists():
            _build(stage, packages / "unfinished", merge, dependencies=dependencies)
            (packages / "unfinished").rename(folder)
        os.utime(folder)
        _delete_unused(packages)
    return Package(folder / "package")


def _delete_unused(packages: Path) -> None:
    """Delete the packages that no process has requested for some time. Others may be in use."""
    for folder in packages.iterdir():
        if time.time() - folder.stat().st_mtime > UNUSED_S:
            shutil.rmtree(folder)


def _fingerprint(merge: str) -> str:
    digest = hashlib.sha256(f"{sys.version}\n{merge}".encode())
    for function in (http_api.replace_rest_api, aliases.add_aliases):
        digest.update(Path(inspect.getfile(function)).read_bytes())
    for path in _source_files():
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _source_files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        if path.is_file():
            yield path
        else:
            yield from sorted(each for each in path.rglob("*.*") if "__pycache__" not in each.parts)


def _build(stage: Stage, folder: Path, merge: str, *, dependencies: bool) -> None:
    """Run Chalice on a copy of the sources, so that it creates no files in the source tree."""
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "project"
    for path in _source_files():
        copy = project / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    _choose_architecture(project / ".chalice" / "config.json", stage)
    if not dependencies:
        (project / "requirements.txt").write_text("")
    DEPENDENCIES_DIR.mkdir(exist_ok=True)
    (project / ".chalice" / "deployments").symlink_to(DEPENDENCIES_DIR)
    merge_file = folder / "merge.json"
    merge_file.write_text(merge)
    _run_chalice(stage, project, merge_file, folder / "package")
    for archive in (folder / "package").glob("*.zip"):
        reduce_aws_models(archive)
        add_bytecode(archive)
    _complete(stage, folder / "package")
    for archive in DEPENDENCIES_DIR.glob("*.zip"):
        if not archive.name.startswith("managed-layer-"):
            archive.unlink()  # the package has a copy; only the layer is reused


def _choose_architecture(configuration: Path, stage: Stage) -> None:
    """Let Chalice package the dependencies for the stage's processors."""
    content = json.loads(configuration.read_text())
    configuration.write_text(json.dumps(content | {"lambda_architecture": stage.architecture}, indent=2))


def _complete(stage: Stage, folder: Path) -> None:
    """Change the parts of Chalice's template that a merge cannot change."""
    path = folder / "sam.json"
    template = json.loads(path.read_text())
    if stage.api is Api.HTTP:
        http_api.replace_rest_api(template, stage)
    if stage.has_aliases:
        aliases.add_aliases(template, folder)
    if stage.has_snapshots:
        aliases.add_snapshots(template)
    if stage.rollout is Rollout.CANARY:
        aliases.add_canary(template)
    path.write_text(json.dumps(template, indent=2))


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
        raise InfraError(f"The code could not be packaged: {_last_line(log)}\nSee the full log in {log}.")
    if "Could not install dependencies" in log.read_text():
        raise InfraError(f"Some dependencies have no wheel for Lambda. {log} lists them.")


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text().splitlines() if line.strip()]
    return lines[-1] if lines else "chalice printed no output"


@contextmanager
def _locked() -> Iterator[None]:
    """Wait until no other process is packaging, because stages share the dependencies folder."""
    BUILD_DIR.mkdir(parents=True, exist_ok=True)
    with (BUILD_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
