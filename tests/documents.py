"""The documents of the repository: their links, their headings, and the code in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.stack import ROOT

PLACES = ("*.md", ".github/**/*.md", "docs/**/*.md", "deploy/**/*.md", "clients/*/*.md")
DOCUMENTS = sorted(path for place in PLACES for path in ROOT.glob(place))
FENCED = re.compile(r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<language>.*?)\n(?P<code>.*?)^ *(?P=fence)$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """Code between fences."""

    document: str
    line: int
    language: str
    code: str


def blocks() -> list[Block]:
    """Return all code between fences, document by document."""
    return [block for document in DOCUMENTS for block in _blocks(document)]


def _blocks(document: Path) -> Iterator[Block]:
    text = document.read_text()
    for found in FENCED.finditer(text):
        line = text[: found.start()].count("\n") + 1
        yield Block(str(document.relative_to(ROOT)), line, found["language"].strip(), found["code"])


def links(document: Path) -> list[str]:
    """Return where the links of a document lead, those in code aside."""
    prose = re.sub(r"`[^`\n]+`", "", FENCED.sub("", document.read_text()))
    return LINK.findall(prose)


def anchors(document: Path) -> set[str]:
    """Return the headings of a document as links name them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
