"""The headings of the API's description: each domain brings its own before its routes are made."""

from collections.abc import Mapping

_words: dict[str, str] = {}


def add(*tags: Mapping[str, str]) -> None:
    """Take these headings, each with what stands below it."""
    for some in tags:
        _words.update(some)


def words(tag: str) -> str:
    """Return what stands below a heading. Raises KeyError when no domain has brought it."""
    return _words[tag]
