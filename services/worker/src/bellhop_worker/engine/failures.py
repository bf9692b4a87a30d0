"""Failures: an error of a body as the ledger keeps it, whatever the error is."""

import traceback
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from bellhop_ledger.ledger.finish import Failure
from bellhop_ledger.platform.jsontext import cleaned

LONGEST_NAME, LONGEST_MESSAGE, LONGEST_TRACEBACK = 200, 10_000, 50_000
"""Characters of an error that are kept."""
LONGEST_PART = 2_000
"""Characters of one frame or message in a traceback: a long message must not leave the frames out."""
LEFT_OUT = "[what came before is left out]\n"
LONGEST_CHAIN = 100
"""Of an error that was raised from more errors than these, only its own traceback is kept."""

NAME: Any = type.__dict__["__name__"]
CAUSE: Any = BaseException.__dict__["__cause__"]
CONTEXT: Any = BaseException.__dict__["__context__"]
TRACEBACK: Any = BaseException.__dict__["__traceback__"]
"""Python's own attributes, which a class or its metaclass may hide behind others that raise."""


def describe(error: BaseException) -> Failure:
    """Return an error's type, its message and where it came from. Never raises."""
    return Failure(
        cleaned(NAME.__get__(type(error)), LONGEST_NAME),
        cleaned(first_of(lambda: str(error), lambda: "(its message cannot be shown)"), LONGEST_MESSAGE),
        cleaned(first_of(lambda: _whole(error), lambda: _own(error), lambda: ""), LONGEST_TRACEBACK),
    )


def first_of(*attempts: Callable[[], str]) -> str:
    """Return the first text that can be made; making it runs foreign code, which may raise anything."""
    for attempt in attempts:
        try:
            return "".join([attempt(), ""])  # of a subclass of str a plain one
        except BaseException:  # noqa: S112
            continue
    return ""


def _whole(error: BaseException) -> str:
    return newest(traceback.format_exception(error, chain=_chain_is_short(error)), LONGEST_TRACEBACK)


def newest(parts: Sequence[str], longest: int) -> str:
    """Return the last frames and messages of a traceback, as many as have room, and say where some were left out."""
    kept, room = deque[str](), longest - len(LEFT_OUT)
    for part in reversed(parts):
        short = cleaned(part, LONGEST_PART)
        room -= len(short)
        if room < 0:
            kept.appendleft(LEFT_OUT)
            break
        kept.appendleft(short)
    return "".join(kept)


def _own(error: BaseException) -> str:
    """Return the traceback without what the error says of itself."""
    lines = traceback.format_tb(TRACEBACK.__get__(error))
    return "".join(["Traceback (most recent call last):\n", *lines, f"{NAME.__get__(type(error))}\n"])


def _chain_is_short(error: BaseException) -> bool:
    link: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        link = CAUSE.__get__(link) or CONTEXT.__get__(link)
        if link is None:
            return True
    return False
