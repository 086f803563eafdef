"""Printed text fits the encoding of the terminal."""

import os
import subprocess
import sys

import pytest

from infra.project import ROOT

PRINTED = "✓ ✗ … → ₹ é"
CODE = f"from infra.output import fit_any_encoding; fit_any_encoding(); print({PRINTED!r})"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", rb"ok x ... -> \u20b9 \xe9"),
        ("ascii:strict", rb"ok x ... -> \u20b9 \xe9"),
        ("cp1252", "ok x … -> \\u20b9 é".encode("cp1252")),
        ("latin-1", "ok x ... -> \\u20b9 é".encode("latin-1")),
        ("utf-8", PRINTED.encode()),
    ],
)
def test_a_mark_outside_the_encoding_is_replaced_by_ascii(encoding, shown):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.rstrip() == shown


@pytest.mark.parametrize(
    "command",
    [
        ["infra", "--help"],
        ["infra", "listen", "--help"],
        ["infra.local.receiver", "--help"],
        ["tests.simulation", "--help"],
    ],
)
def test_every_program_prints_in_ascii(command):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )


@pytest.mark.parametrize(
    ("locale", "marks"),
    [
        ({"LC_ALL": "en_IN.UTF-8"}, "✓ …"),
        ({"LANG": "C.utf8"}, "✓ …"),
        ({"LANG": "C"}, "ok ..."),
        ({}, "ok ..."),
    ],
)
def test_make_prints_the_marks_that_the_locale_supports(locale, marks):
    environment = {"PATH": os.environ["PATH"], **locale}
    command = ["make", "--eval", "marks: ; @echo '$(DONE) $(DOING)'", "marks"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == marks
