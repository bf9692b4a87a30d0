"""The documents: what they link to is there, and each is in an index."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.documents import DOCUMENTS, anchors, links
from tests.stack import ROOT

INDEX = ROOT / "docs/README.md"
DECISIONS = ROOT / "docs/decisions"
each = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def linked_from(index: Path) -> list[Path]:
    """The files that an index lists."""
    listed = re.findall(r"^(?:-|\d+\.) \[[^\]]+\]\(([^)#]+)\)", index.read_text(), re.MULTILINE)
    return [(index.parent / path).resolve() for path in listed]


@each
def test_what_a_document_links_to_is_there(document: Path) -> None:
    inside = [link.partition("#") for link in links(document) if not urlsplit(link).scheme]

    for path, _, heading in inside:
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{file} is not there"
        assert not heading or heading in anchors(file), f"{file} has no heading {heading}"


@each
def test_a_link_to_elsewhere_is_an_address(document: Path) -> None:
    for url in (urlsplit(link) for link in links(document) if urlsplit(link).scheme):
        assert url.scheme in {"https", "mailto"}, f"{url.geturl()} is neither https:// nor mailto:"
        assert url.scheme != "https" or re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", url.netloc), url.geturl()


def test_the_index_lists_each_page_once() -> None:
    pages = {path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs") and path != INDEX}
    pages -= set(DECISIONS.glob("[0-9]*.md"))
    listed = linked_from(INDEX)

    assert pages - set(listed) == set(), "add them to docs/README.md"
    assert len(listed) == len(set(listed))


def test_the_index_of_the_decisions_lists_them_in_the_order_of_their_numbers() -> None:
    decisions = sorted(DECISIONS.glob("[0-9]*.md"))

    assert linked_from(DECISIONS / "README.md") == decisions
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))


def test_each_line_of_when_a_part_dies_names_a_test() -> None:
    section = (ROOT / "README.md").read_text().partition("## When a part dies")[2]
    claimed = re.findall(r"\| `(\w+)` \|$", section, re.MULTILINE)
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "workloads").glob("*/tests/test_*.py")]
    tests = {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}

    assert len(claimed) > 10
    assert [name for name in claimed if not any(name in test for test in tests)] == []
