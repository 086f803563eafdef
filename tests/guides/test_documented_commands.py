"""The command line accepts each `infra` command of the documents. The tests of `infra` run the commands."""

import re
import shlex
from collections.abc import Iterator

import pytest

from infra.__main__ import command_parser
from infra.project import ROOT

# Variables before the command, its three spellings, and its arguments up to a comment or the next command.
_COMMAND = re.compile(
    r"^ *(?:[A-Z_]+=\S* )*(?:infra|(?:\.venv/bin/)?python -m infra) (?P<arguments>.+?)(?: +#.*)?$"
)
_OPERATORS = {"<", ">", "|", "&&"}  # of the shell


def documented_commands() -> Iterator[tuple[str, str]]:
    """Each command in a block of a document: its place, and its arguments."""
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        in_block = False
        lines = document.read_text().replace("\\\n", " ").splitlines()
        for line in lines:
            if line.lstrip().startswith("```"):
                in_block = not in_block
            elif in_block and (found := _COMMAND.match(line)):
                yield document.name, found["arguments"]


@pytest.mark.parametrize(("document", "arguments"), sorted(set(documented_commands())))
def test_the_command_line_accepts_each_documented_command(document, arguments):
    words = shlex.split(arguments)
    ends = [index for index, word in enumerate(words) if word in _OPERATORS]
    assert command_parser().parse_args(words[: min(ends, default=len(words))]).command


def test_the_operations_guide_has_commands():
    commands = [arguments for document, arguments in documented_commands() if document == "operations.md"]
    assert "deploy --stage prod" in commands
