"""Limits: how many bytes of a request are read, and what is answered when there are more."""

from collections.abc import Mapping

from bellhop.errors import Refused

SMALL, LARGE, FORM = 1_000_000, 16_000_000, 100_000
"""Bytes that a body may have, that of a batch, and a form around its file."""
by_path: dict[str, int] = {}
"""Where it is not the small one."""


def allow(bodies: Mapping[str, int]) -> None:
    """Let the bodies of requests for these paths have so many bytes."""
    by_path.update(bodies)


def most_of_all() -> int:
    """Return how many bytes no body may have more of, whatever its path."""
    return max(by_path.values(), default=SMALL)


class TooLarge(Refused):
    """The body is too large."""

    status = 413


class WrongType(Refused):
    """The body is declared as something that is not taken here."""

    status = 415
