"""The documents: what they link to is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "deploy").rglob("*.md"),
    *ROOT.glob("clients/*/*.md"),
]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """The files and headings that a document names."""
    text = re.sub(r"^(```|~~~).*?^\1", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    for path, heading in LINK.findall(text):
        yield (document.parent / path).resolve() if path else document, heading


def anchors(document: Path) -> set[str]:
    """The headings of a document as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_links_to_is_there(document: Path) -> None:
    for file, heading in links(document):
        assert file.exists(), f"{file} is not there"
        assert not heading or heading in anchors(file), f"{file} has no heading {heading}"


def test_each_line_of_when_a_part_dies_names_a_test() -> None:
    section = (ROOT / "README.md").read_text().partition("## When a part dies")[2]
    claimed = re.findall(r"\| `(\w+)` \|$", section, re.MULTILINE)
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "workloads").glob("*/tests/test_*.py")]
    tests = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}

    assert len(claimed) > 10
    assert [name for name in claimed if not any(name in test for test in tests)] == []
