"""The fenced code blocks of a document, in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.project import ROOT

_FENCE = re.compile(
    r"^```(?P<language>\w*)(?: +(?P<name>\S+))? *\n(?P<text>.*?)^``` *$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block. ``name`` is the word after the language: the name of its file, or of the shown object."""

    document: str
    line: int
    language: str
    name: str | None
    text: str

    @property
    def place(self) -> str:
        """The file and line of the block."""
        return f"{self.document}:{self.line} ({self.language or 'no language'})"


def blocks_of(document: str) -> Iterator[Block]:
    """The blocks of ``document``, a path in the source tree, in order."""
    text = (ROOT / document).read_text()
    for found in _FENCE.finditer(text):
        yield Block(
            document=document,
            line=text.count("\n", 0, found.start()) + 1,
            language=found["language"],
            name=found["name"],
            text=found["text"],
        )
