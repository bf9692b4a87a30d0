"""Patterns of names: a star stands for any characters, also none and points; everything else stands for itself.

Not those of `fnmatch`: a name may have brackets and question marks, and a pattern of many stars takes no longer here.
"""

from collections.abc import Iterable
from functools import lru_cache

LONGEST, MOST = 200, 50
"""Characters of a pattern, and patterns that something may have."""
EVERY = "*"


def fits(pattern: str, name: str) -> bool:
    """Whether a name is what a pattern says, in the same case."""
    first, *rest = pattern.split(EVERY)
    if not rest:
        return pattern == name
    *middle, last = rest
    if not name.startswith(first):
        return False
    place = len(first)
    for part in middle:
        if (found := name.find(part, place)) < 0:
            return False
        place = found + len(part)
    return len(name) - place >= len(last) and name.endswith(last)


@lru_cache(maxsize=10_000)
def any_fits(patterns: tuple[str, ...], name: str) -> bool:
    """Whether one of the patterns fits."""
    return any(fits(pattern, name) for pattern in patterns)


def like(pattern: str) -> str:
    r"""Return the same pattern for LIKE in SQL, with `\` before what stands for itself."""
    literal = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return literal.replace(EVERY, "%")


def listed(patterns: Iterable[str]) -> str:
    """Write patterns for people."""
    return ", ".join(patterns) or "none"
