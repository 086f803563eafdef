"""The package: the code and nothing else, made only when something changed."""

import subprocess
import sys
from zipfile import ZipFile

from infra.deploy.packaging import package
from infra.project import ROOT
from infra.stage import Stage


def test_the_code_is_packaged_without_what_python_left_beside_it(production_package):
    with ZipFile(production_package.folder / "deployment.zip") as archive:
        names = archive.namelist()
    assert "app.py" in names
    assert "chalicelib/settings.py" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(("infra/", "tests/"))]


def test_the_dependencies_are_a_layer_of_their_own(production_package):
    with ZipFile(production_package.folder / "layer-deployment.zip") as archive:
        names = archive.namelist()
    assert [name for name in names if name.endswith("site-packages/pydantic/main.py")]
    assert not [name for name in names if "/ministack/" in name]


def test_code_and_dependencies_are_all_that_the_functions_need(production_package, tmp_path):
    for name in ("deployment.zip", "layer-deployment.zip"):
        with ZipFile(production_package.folder / name) as archive:
            archive.extractall(tmp_path)
    layer = next(tmp_path.glob("python/lib/*/site-packages"))
    load = f"import sys; sys.path += [{str(tmp_path)!r}, {str(layer)!r}]; import app; print(app.__file__)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", load], capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith(str(tmp_path))


def test_what_has_not_changed_is_not_packaged_again(production_package):
    template = production_package.folder / "sam.json"
    before = template.stat().st_mtime_ns
    package(Stage("prod"))
    assert template.stat().st_mtime_ns == before


def test_nothing_is_left_in_the_source_tree(production_package):
    assert not (ROOT / ".chalice" / "deployments").exists()
