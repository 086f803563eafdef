"""`make help` lists every target, and the documents use only existing targets."""

import re
import subprocess

import pytest

from infra.project import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
_MAKEFILE = (ROOT / "Makefile").read_text()
_TARGETS = set(re.findall(r"^([a-z]+):(?!=)", _MAKEFILE, re.MULTILINE))


def test_help_lists_every_target_with_a_description():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in done.stdout.splitlines() if len(line.split()) > 2} == _TARGETS


def test_every_target_is_phony():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", _MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == _TARGETS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_use_existing_targets(document):
    commands = re.findall(r"(?:`|^|\s)make ([a-z]+)", "\n".join(_code_of(document.read_text())), re.MULTILINE)
    assert set(commands) <= _TARGETS


def _code_of(text: str) -> list[str]:
    return re.findall(r"^```.*?^```|`[^`\n]+`", text, re.MULTILINE | re.DOTALL)


def test_the_pre_commit_hooks_are_linters_that_make_lint_runs():
    hooks = re.findall(r"entry: \.venv/(.+)", (ROOT / ".pre-commit-config.yaml").read_text())
    lint = _MAKEFILE[_MAKEFILE.index("\nlint:") :].split("\n\n")[0]
    assert hooks
    assert [hook for hook in hooks if f"\t$(BIN)/{hook.removeprefix('bin/')}\n" not in lint] == []
