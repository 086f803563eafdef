"""The packages from npm."""

import json
import subprocess

from infra.vendored import _SOURCE, esbuild, vendored


def test_each_library_is_a_module_of_the_built_site():
    files = vendored()
    assert set(files) == {"vendor/preact.js", "vendor/uplot.js", "vendor/uplot.css"}
    for key in ("vendor/preact.js", "vendor/uplot.js"):
        assert "export" in files[key].read_text()


def test_the_bundler_runs():
    pinned = json.loads((_SOURCE / "package.json").read_text())["devDependencies"]["esbuild"]
    assert subprocess.check_output([esbuild(), "--version"], text=True).strip() == pinned


def test_the_lock_file_contains_hashes_and_no_registry():
    text = (_SOURCE / "package-lock.json").read_text()
    packages = [package for name, package in json.loads(text)["packages"].items() if name]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert "http" not in text
