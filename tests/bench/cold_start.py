"""Cold starts: from the import of a function to its first response, in a new process.

Both sides run from archives as they are deployed, with nothing compiled that the archives do not contain. The
baseline is the code of BEFORE with its layer, as it was before archives contained compiled modules:
each function imports all of `app`. The first event of the API is a request without credentials, that of the
others is an empty batch, so no side sends a request to AWS.
"""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from infra.deploy.packaging import DEPENDENCIES_DIR, package
from infra.project import ROOT
from infra.stage import Architecture, Stage
from infra.template.lambdas import LAMBDAS
from tests.bench.figures import Figure
from tests.bench.functions import ENVIRONMENT, FIRST_EVENTS
from tests.bench.interleaved import medians

BEFORE = "f8f9a91c3c1688d2cb32d3d7c1da12bf84f32945"  # the commit before functions had their own entry points
STAGE = Stage.of("prod", {"ARCHITECTURE": Architecture.of_this_machine()})
ROUNDS = 7
GOALS = {"api_handler": 3.5}
WORKER_GOAL = 4.5

PROBE = """
import sys, time
sys.path += sys.argv[1:3]
started = time.process_time(), time.perf_counter()
import importlib, json
handler = getattr(importlib.import_module(sys.argv[3]), sys.argv[4])
response = handler(json.loads(sys.argv[5]), None)
done = time.process_time(), time.perf_counter()
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM"))
print(json.dumps({
    "cpu_ms": 1000 * (done[0] - started[0]),
    "wall_ms": 1000 * (done[1] - started[1]),
    "modules": len(sys.modules),
    "memory_mb": int(peak.split()[1]) / 1024,
    "response": response.get("statusCode", response),
}))
"""


@dataclass(frozen=True)
class Archives:
    """Extracted archives: the code and the layer."""

    code: Path
    layer: Path

    def start(self, module: str, handler: str, event: dict[str, Any]) -> dict[str, Any]:
        """Call the handler in a new process, and return what it measured."""
        paths = str(self.code), str(next(self.layer.glob("python/lib/*/site-packages")))
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", PROBE, *paths, module, handler, json.dumps(event)],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{module} did not start: {done.stderr}")
        measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return measured


def measure() -> Iterator[Figure]:
    """The CPU time of the cold start of each function, and its modules and memory."""
    with TemporaryDirectory() as scratch:
        now, before = deployed(Path(scratch, "now")), earlier(Path(scratch, "before"))
        for function in LAMBDAS.values():
            yield from _of_function(function.handler, now, before)


def deployed(folder: Path) -> Archives:
    """The archives of a production stage, extracted to ``folder``."""
    made = package(STAGE).folder
    archives = Archives(folder / "code", folder / "layer")
    _extract(made / "deployment.zip", archives.code)
    _extract(made / "layer-deployment.zip", archives.layer)
    return archives


def earlier(folder: Path) -> Archives:
    """The code of BEFORE and its layer, without compiled modules. Needs the history of the repository."""
    code = subprocess.run(
        ["git", "archive", BEFORE, "app.py", "chalicelib"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    archives = Archives(folder / "code", folder / "layer")
    with tarfile.open(fileobj=BytesIO(code.stdout)) as tree:
        tree.extractall(archives.code, filter="data")
    layers = [path for path in DEPENDENCIES_DIR.glob("managed-layer-*.zip") if _is_of_this_machine(path)]
    _extract(max(layers, key=lambda path: path.stat().st_mtime), archives.layer)
    with ZipFile(package(STAGE).folder / "deployment.zip") as archive:  # Chalice is beside the code
        archive.extractall(archives.code, ["chalice/__init__.py", "chalice/app.py"])
    return archives


def _is_of_this_machine(layer: Path) -> bool:
    """Whether Chalice made the layer for the processor of this machine: its name ends with any but X86."""
    return layer.stem.endswith(Architecture.ARM) == (Architecture.of_this_machine() is Architecture.ARM)


def _extract(archive: Path, folder: Path) -> None:
    with ZipFile(archive) as opened:
        opened.extractall(folder)


def _of_function(name: str, now: Archives, before: Archives) -> Iterator[Figure]:
    event = FIRST_EVENTS[name]
    handler_before = "app" if name == "api_handler" else name
    started: list[dict[str, Any]] = []
    started_before: list[dict[str, Any]] = []

    def cpu_ms() -> float:
        started.append(now.start(f"chalicelib.functions.{name}", "handler", event))
        return float(started[-1]["cpu_ms"])

    def cpu_ms_before() -> float:
        started_before.append(before.start("app", handler_before, event))
        return float(started_before[-1]["cpu_ms"])

    value, baseline = medians(cpu_ms, cpu_ms_before, rounds=ROUNDS)
    if any(one["response"] != started[0]["response"] for one in started + started_before):
        raise RuntimeError(f"{name} has another response than before")
    yield Figure(
        metric=f"cold start of {name}, CPU",
        value=value,
        unit="ms",
        baseline=baseline,
        goal_ratio=GOALS.get(name, WORKER_GOAL),
    )
    for metric, unit in (("modules", "modules"), ("memory_mb", "MB")):
        new, old = started[0][metric], started_before[0][metric]
        yield Figure(
            metric=f"cold start of {name}, {metric.removesuffix('_mb')}",
            value=new,
            unit=unit,
            baseline=old,
        )
