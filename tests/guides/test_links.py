"""Every link within the documentation has an existing file and heading."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.project import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors_of(document: Path) -> Iterator[str]:
    """The anchors of a document: its headings, converted as common sites do, and explicit anchors."""
    text = document.read_text()
    yield from re.findall(r'<a id="([^"]+)">', text)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_within_the_documents_has_a_target():
    broken = []
    for document in DOCUMENTS:
        for path, anchor in _LINK.findall(document.read_text()):
            target = (document.parent / path).resolve() if path else document
            if not target.exists() or (anchor and anchor not in anchors_of(target)):
                broken.append(f"{document.name}: {path}#{anchor}")
    assert broken == []


def test_the_index_of_the_documentation_lists_every_file():
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / path).resolve() for path, _ in _LINK.findall(index.read_text())}
    files = {
        path.resolve() for path in index.parent.rglob("[!.]*") if path.is_file() and path.suffix != ".pyc"
    }
    assert sorted(map(str, files - linked - {index})) == []
