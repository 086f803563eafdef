"""Links within the documentation lead somewhere: to a file that is there, and to a heading that it has."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.project import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors_of(document: Path) -> Iterator[str]:
    """What links may name: headings as the usual sites turn them into anchors, and those set by hand."""
    text = document.read_text()
    yield from re.findall(r'<a id="([^"]+)">', text)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_within_the_documents_leads_somewhere():
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
    files = {path.resolve() for path in index.parent.rglob("[!.]*") if path.is_file()}
    assert sorted(map(str, files - linked - {index})) == []
