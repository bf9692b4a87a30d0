"""The order of the pages: that of the lists in an index, so that it is written once."""

import re

SECTION = re.compile(r"^(?=## )", re.MULTILINE)
ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)#]+)\.md\)", re.MULTILINE)


INDEX, LISTED_APART = "docs/README", re.compile(r"docs/decisions/\d")
"""The decisions are many, and listed by their own index; the navigation of each page does without."""


def placed(name: str, text: str) -> str:
    """Return the text of a page with what tells Sphinx its place among the pages."""
    if LISTED_APART.match(name):
        return f"---\norphan: true\n---\n{text}"
    return with_toctrees(text) if name == INDEX else text


def with_toctrees(index: str) -> str:
    """Return the text of an index with a hidden list of contents behind each of its sections."""
    return "\n".join(section + _toctree(section) for section in SECTION.split(index))


def _toctree(section: str) -> str:
    pages = [f"{title} <{path}>" for title, path in ENTRY.findall(section)]
    caption = re.match(r"## (.+)\n", section)
    named = f":caption: {caption[1]}\n" if caption else ""
    listed = "\n".join(pages)
    return f"\n\n```{{toctree}}\n:hidden:\n{named}\n{listed}\n```\n" if pages else ""
