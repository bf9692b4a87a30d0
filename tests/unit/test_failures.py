"""Failures: whatever an error is, its job keeps a type, a message and a traceback that can be stored."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.platform.jsontext import unstorable
from bellhop_worker.engine.failures import LONGEST_MESSAGE, LONGEST_TRACEBACK, describe


class Mute(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt


class Numb(Exception):
    def __str__(self) -> str:
        return 5  # type: ignore[return-value]  # noqa: PLE0307


class Endless(Exception):
    def __str__(self) -> str:
        return str(self)


class Text(str):
    def __getitem__(self, _: object) -> str:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError

    replace = encode = __iter__ = None  # type: ignore[assignment]


class Odd(Exception):
    def __str__(self) -> str:
        return Text("odd")


class Liar(Exception):
    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise RuntimeError("no class")

    @property
    def __traceback__(self) -> None:  # type: ignore[override]
        raise RuntimeError("no traceback")

    @property
    def __notes__(self) -> None:
        raise RuntimeError("no notes")

    @property
    def __cause__(self) -> None:  # type: ignore[override]
        raise RuntimeError("no cause")


class Nameless(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no name")

    @property
    def __module__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no module")

    def __instancecheck__(cls, instance: object) -> bool:
        raise RuntimeError("no instance")


class Anonymous(Exception, metaclass=Nameless):
    pass


def deep(depth: int, message: str) -> None:
    """Raise at the end of a chain of calls that cannot be folded, for their lines differ."""
    if depth:
        exec(compile("\n" * depth + "call()", f"frame-{depth}", "exec"), {"call": lambda: deep(depth - 1, message)})
    raise ValueError(message)


def ring() -> BaseException:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    first.__context__, second.__context__ = second, first
    return first


def chained(links: int) -> BaseException:
    error = ValueError("0")
    for link in range(links):
        following = ValueError(str(link))
        following.__cause__, error = error, following
    return error


def nested(levels: int) -> BaseException:
    error: BaseException = ValueError("deep")
    for _ in range(levels):
        error = BaseExceptionGroup("group", [error])
    return error


def noted(*notes: Any) -> BaseException:
    error = ValueError("noted")
    error.__notes__ = list(notes)
    return error


def thrown(error: BaseException) -> BaseException:
    """The error as it is when it has been raised and caught."""
    try:
        raise error
    except BaseException as caught:
        return caught


ODD_ERRORS: list[tuple[Callable[[], BaseException], str]] = [
    (Mute, "Mute"),
    (Numb, "Numb"),
    (Endless, "Endless"),
    (Odd, "Odd"),
    (Liar, "Liar"),
    (lambda: Anonymous(), "Anonymous"),  # noqa: PLW0108  pytest asks a class for its name
    (ring, "ValueError"),
    (lambda: chained(50), "ValueError"),
    (lambda: chained(5_000), "ValueError"),
    (lambda: nested(20), "ExceptionGroup"),
    (lambda: nested(5_000), "ExceptionGroup"),
    (lambda: noted("one", "\0", "\ud800"), "ValueError"),
    (lambda: noted(Mute(), 5), "ValueError"),
    (lambda: ValueError("a\0b\ud800" + "x" * 5_000_000), "ValueError"),
    (lambda: ValueError(Mute()), "ValueError"),
    (lambda: SyntaxError("bad", (5, "x", None, object())), "SyntaxError"),
    (lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "UnicodeDecodeError"),
    (type("L" * 1_000_000, (Exception,), {}), "L" * 100),
    (MemoryError, "MemoryError"),
    (lambda: StopIteration(lambda: None), "StopIteration"),
    (lambda: BaseExceptionGroup("all", [KeyboardInterrupt(), SystemExit(3)]), "BaseExceptionGroup"),
]


@pytest.mark.parametrize(("make", "type"), ODD_ERRORS, ids=range(len(ODD_ERRORS)))
def test_the_oddest_error_is_described_with_its_type_and_a_traceback(
    make: Callable[[], BaseException], type: str
) -> None:
    failure = describe(thrown(make()))

    assert failure.type.startswith(type)
    assert "in thrown" in failure.traceback
    assert list(unstorable([failure.type, failure.message, failure.traceback])) == []
    assert len(failure.message) <= LONGEST_MESSAGE + 10
    assert len(failure.traceback) <= LONGEST_TRACEBACK + 10


def test_an_error_is_described_in_its_own_words() -> None:
    failure = describe(thrown(noted("look here")))

    assert (failure.type, failure.message) == ("ValueError", "noted")
    assert "look here" in failure.traceback


def test_all_errors_of_a_group_are_kept() -> None:
    failure = describe(thrown(ExceptionGroup("two", [ValueError("left"), OSError("right")])))

    assert failure.message == "two (2 sub-exceptions)"
    assert "ValueError: left" in failure.traceback
    assert "OSError: right" in failure.traceback


@given(st.text(alphabet=st.characters(codec=None)), st.lists(st.text(), max_size=3))
def test_any_message_and_any_notes_can_be_stored(message: str, notes: list[str]) -> None:
    error = ValueError(message)
    error.__notes__ = notes

    failure = describe(thrown(error))

    assert list(unstorable([failure.message, failure.traceback])) == []


@pytest.mark.parametrize("length", [10, 1_000_000])
def test_of_a_long_traceback_the_newest_frames_stay_however_long_the_message_is(length: int) -> None:
    try:
        deep(300, "m" * length)
    except ValueError as error:
        kept = describe(error).traceback

    assert len(kept) <= LONGEST_TRACEBACK
    assert kept.startswith("[what came before is left out]")
    assert "frame-1," in kept or 'frame-1"' in kept
    assert "frame-300" not in kept
