"""Fields: the names that a term may have, what each is for, and what its values must be."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from bellhop.overrides import LONGEST_TAG, TAG_SHAPE
from bellhop_ledger.ledger.tables import State
from bellhop_web.http.problems import did_you_mean
from bellhop_web.search.moments import moment_of, span_of
from bellhop_web.search.scalars import is_scalar
from bellhop_web.search.words import words_of

RETRYING, EXPIRED = "retrying", "expired"
"""No states of the ledger, but people choose them as such."""
STATES = (*(state.value for state in State), RETRYING, EXPIRED)
LONGEST_VALUE = 200
SHORTEST_ID = 4
NAME = re.compile(r"[A-Za-z0-9_.*-]+", re.ASCII)
REQUEST = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
ID = re.compile(r"[0-9a-f]{4,32}")
REASON = re.compile(r"[0-9a-f]{12}")
SWITCH = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}


@dataclass(frozen=True)
class Field:
    """A name that a term may have."""

    read: Callable[[str], str]
    """Return a value as it is kept. Raises ValueError, in words."""
    words: str
    """What the term finds, for people."""
    example: str
    once: bool = False
    """Whether it takes one value only and cannot be negated."""
    has_path: bool = False

    def check_term(self, negated: bool, path: tuple[str, ...], values: int) -> None:
        """Raise ValueError where a term of this name cannot be written so."""
        if self.once and (negated or values > 1):
            raise ValueError("takes one value, and no - before it")
        if self.has_path and not path:
            raise ValueError("needs the name of an argument, such as args.order:1042")
        if path and not self.has_path:
            raise ValueError("has no parts; only args has")

    def quotes_matter(self, text: str) -> bool:
        """Whether a value between quotes is another one than without: a number of an argument is none then."""
        return self.has_path and is_scalar(text)


def _state(text: str) -> str:
    if (state := text.lower()) not in STATES:
        raise ValueError(f"{text!r} is no state{did_you_mean(state, STATES)}")
    return state


def _matching(pattern: re.Pattern[str], words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text) or len(text) > LONGEST_VALUE:
            raise ValueError(f"must be {words}")
        return text

    return read


def _tag(text: str) -> str:
    if len(text) > LONGEST_TAG or not re.fullmatch(TAG_SHAPE.pattern, text):
        raise ValueError(f"must be a tag: at most {LONGEST_TAG} {TAG_SHAPE.words}")
    return text


def _any(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_VALUE:
        raise ValueError(f"must be a text of at most {LONGEST_VALUE} characters")
    return text


def _short(text: str) -> str:
    if len(text) > LONGEST_VALUE:
        raise ValueError(f"must be a text of at most {LONGEST_VALUE} characters")
    return text


def _searched(text: str) -> str:
    if not words_of(_any(text)):
        raise ValueError("has no letter or digit to look for")
    return text


def _id(text: str) -> str:
    digits = text.lower().rstrip("….*").replace("-", "")
    if not ID.fullmatch(digits):
        raise ValueError(f"must be the id of a job, or its first {SHORTEST_ID} digits or more")
    return digits


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError("must be the id of a job") from None


def _moment(text: str) -> str:
    moment_of(text, datetime.now(UTC))
    return text


def _span(text: str) -> str:
    span_of(text, datetime.now(UTC))
    return text


def _switch(text: str) -> str:
    if (said := SWITCH.get(text.lower())) is None:
        raise ValueError("must be yes or no")
    return said


_PATTERN = "letters, digits, points, hyphens, underscores, and * for any of them"
FIELDS: dict[str, Field] = {
    "": Field(_searched, "Task, label, error or the beginning of an id", "refused"),
    "state": Field(_state, "What became of it: also retrying and expired", "state:failed"),
    "task": Field(_matching(NAME, _PATTERN), "Its task; * stands for any characters", "task:http.*"),
    "queue": Field(_matching(NAME, _PATTERN), "Its queue; * stands for any characters", "queue:slow"),
    "tag": Field(_tag, "One of its tags", "tag:reports"),
    "args": Field(_short, "An argument; points lead into objects", "args.order:1042", has_path=True),
    "error": Field(_searched, "Words of its error, of which the last may be only begun", 'error:"refused"'),
    "label": Field(_searched, "Words of its label, of which the last may be only begun", "label:invoice"),
    "reason": Field(
        _matching(REASON, "the id of a reason, of 12 digits"), "Of what its last attempt failed", "reason:0a1b2c3d4e5f"
    ),
    "worker": Field(_any, "The worker that has or had it, or the worker's host", "worker:vm"),
    "schedule": Field(_any, "The schedule that made it: its name or id", "schedule:nightly"),
    "submitter": Field(_any, "Who submitted it: a name, an address, or kind:id", "submitter:shop"),
    "parent": Field(_uuid, "The job whose body submitted it", "parent:01a2b3c4-5d6e-7f80-9a1b-2c3d4e5f6071"),
    "request": Field(_matching(REQUEST, "the id of a request"), "The request that it goes back to", "request:5cef953d"),
    "id": Field(_id, "Its id, or the beginning of it", "id:01a2b3c4"),
    "since": Field(
        _moment, "Submitted then or later; where only ended jobs are asked for, ended", "since:2h", once=True
    ),
    "until": Field(_moment, "Submitted before; where only ended jobs are asked for, ended", "until:1h", once=True),
    "created": Field(_span, "Submitted in this time", "created:2030-01-31..2030-02-01", once=True),
    "ended": Field(_span, "Ended in this time", "ended:2h..1h", once=True),
    "quiet": Field(_switch, "Whether tasks that run all the time are listed as well", "quiet:yes", once=True),
}
"""By the name of the term; the empty one is of words that stand alone."""
