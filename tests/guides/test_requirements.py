"""Every installed package is pinned with its hashes, and the pin files agree."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from infra.project import ROOT

LOCKED = {"requirements.in": "requirements.txt", "requirements-dev.in": "requirements-dev.txt"}
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
# A package with its hashes and comments.
_ENTRY = re.compile(r"^[^\s#].*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)


def pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / name).read_text()))


@pytest.mark.parametrize(("source", "locked"), LOCKED.items())
def test_each_package_of_the_source_is_locked_at_the_same_version(source, locked):
    wanted = pins(source)
    assert wanted
    assert wanted.items() <= pins(locked).items(), "`make requirements` writes it"


def test_the_source_pins_every_package():
    lines = [line for source in LOCKED for line in (ROOT / source).read_text().splitlines()]
    packages = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert [line for line in packages if not _PIN.match(line)] == []


def test_the_gateway_is_tested_with_the_packages_that_are_deployed():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("locked", LOCKED.values())
def test_each_locked_package_has_a_version_and_a_hash(locked):
    entries = _ENTRY.findall((ROOT / locked).read_text())
    assert len(entries) == len(pins(locked))
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("name", [*LOCKED, *LOCKED.values()])
def test_no_file_contains_a_package_index(name):
    text = (ROOT / name).read_text()
    assert [word for word in ("://", "--index-url", "--find-links") if word in text] == []


def test_make_installs_with_hashes():
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert [line for line in installs if "--require-hashes -r requirements-dev.txt" in line]
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_an_installation_accepts_the_tested_versions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tested = pins("requirements-dev.txt")
    for requirement in map(Requirement, project["dependencies"]):
        assert requirement.specifier.contains(tested[requirement.name]), requirement


def test_an_installation_has_every_package_of_the_functions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert pins("requirements.in").keys() <= {Requirement(each).name for each in project["dependencies"]}
