"""The first ten minutes: how long the environment and the local stack take from a fresh clone."""

from collections.abc import Iterator

from bench.measure.figure import Figure

ENVIRONMENT, LOCAL = 45, 8


def seconds() -> Iterator[Figure]:
    """Say which commands measure them: each takes a clone of its own, and minutes on a quiet machine."""
    yield Figure("seconds until the environment stands", None, ENVIRONMENT, "not measured by this command")
    yield Figure("seconds until `make local` is ready", None, LOCAL, "not measured by this command")
