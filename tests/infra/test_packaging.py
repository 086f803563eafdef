"""The package contains only the code, and is built only after a change."""

import json
import os
import subprocess
import sys
from importlib.util import source_from_cache
from zipfile import ZipFile

import pytest

from infra.deploy.packaging import ANY_API_URL, Package, package
from infra.project import ROOT
from infra.stage import Architecture, Stage


def test_only_the_code_is_packaged(production_package):
    with ZipFile(production_package.folder / "deployment.zip") as archive:
        names = archive.namelist()
    assert "app.py" in names
    assert "chalicelib/settings.py" in names
    assert not [name for name in names if name.startswith(("infra/", "tests/"))]


@pytest.mark.parametrize("name", ["deployment.zip", "layer-deployment.zip"])
def test_every_module_is_compiled(production_package, name):
    with ZipFile(production_package.folder / name) as archive:
        names = set(archive.namelist())
    sources = {one for one in names if one.endswith(".py") and "{{" not in one}
    assert sources
    assert {source_from_cache(one) for one in names if one.endswith(".pyc")} == sources


def test_a_compiled_module_is_used_whatever_the_time_of_its_source(production_package, tmp_path):
    with ZipFile(production_package.folder / "deployment.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "chalicelib" / "domain" / "clock.py").write_text("raise AssertionError('compiled again')")
    load = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from chalicelib.domain.clock import utc_now"
    loaded = subprocess.run([sys.executable, "-I", "-c", load], capture_output=True, text=True, check=False)
    assert loaded.returncode == 0, loaded.stderr


def test_the_dependencies_are_a_separate_layer(production_package):
    with ZipFile(production_package.folder / "layer-deployment.zip") as archive:
        names = archive.namelist()
    assert [name for name in names if name.endswith("site-packages/pydantic/main.py")]
    assert not [name for name in names if "/ministack/" in name]


def native_modules(package_: Package) -> set[str]:
    with ZipFile(package_.folder / "layer-deployment.zip") as archive:
        return {name for name in archive.namelist() if name.endswith(".so")}


def test_the_layer_is_for_the_processors_of_the_functions(production_package):
    functions = [
        each["Properties"]
        for each in production_package.template()["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function" and "Layers" in each["Properties"]
    ]
    assert {tuple(each["Architectures"]) for each in functions} == {("arm64",)}
    modules = native_modules(production_package)
    assert modules
    assert all("aarch64" in name for name in modules)


def test_the_functions_need_only_code_and_dependencies(tmp_path):
    of_this_machine = package(Stage.of("prod", {"ARCHITECTURE": Architecture.of_this_machine()}))
    for name in ("deployment.zip", "layer-deployment.zip"):
        with ZipFile(of_this_machine.folder / name) as archive:
            archive.extractall(tmp_path)
    layer = next(tmp_path.glob("python/lib/*/site-packages"))
    load = f"import sys; sys.path += [{str(tmp_path)!r}, {str(layer)!r}]; import app; print(app.__file__)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", load], capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.startswith(str(tmp_path))


def test_an_unchanged_package_is_not_built_again(production_package):
    template = production_package.folder / "sam.json"
    before = template.stat().st_mtime_ns
    package(Stage("prod"))
    assert template.stat().st_mtime_ns == before


def test_packaging_leaves_no_files_in_the_source_tree(production_package):
    assert not (ROOT / ".chalice" / "deployments").exists()


def test_a_package_remains_while_the_stage_is_packaged_with_other_settings():
    """Another process can start the same stage with other settings at the same time."""
    first = package(Stage.of("test", {"LOG_LEVEL": "DEBUG"}), dependencies=False)
    second = package(Stage.of("test", {"LOG_LEVEL": "WARNING"}), dependencies=False)
    levels = [
        one.template()["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]["LOG_LEVEL"]
        for one in (first, second)
    ]
    assert levels == ["DEBUG", "WARNING"]


def test_packages_that_are_no_longer_used_are_deleted():
    debug, warning = (Stage.of("test", {"LOG_LEVEL": level}) for level in ("DEBUG", "WARNING"))
    unused = package(debug, dependencies=False).folder.parent
    os.utime(unused, (0, 0))
    used = package(warning, dependencies=False).folder.parent
    assert used.exists()
    assert not unused.exists()


def test_gateways_on_different_ports_share_a_package(tmp_path):
    (tmp_path / "sam.json").write_text(json.dumps({"Resources": {"API_URL": ANY_API_URL}}))
    templates = [Package(tmp_path, api_url=f"http://localhost:{port}").template() for port in (1, 2)]
    assert [each["Resources"]["API_URL"] for each in templates] == [
        "http://localhost:1",
        "http://localhost:2",
    ]
