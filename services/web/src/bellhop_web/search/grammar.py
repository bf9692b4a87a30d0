"""Grammar: the text of a query, cut into terms. What a term may say is checked by `terms`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1_000
"""Characters of a query."""
MOST_TERMS = 30
MOST_VALUES = 50
"""Values of one term."""
LIKE_A_NAME = re.compile(r'[A-Za-z][^\s:"]*:')
NAME = re.compile(r'([A-Za-z][\w-]*)((?:\.[^\s.:",]+)*):')
PLAIN = re.compile(r'[^\s"]+')
PLAIN_VALUE = re.compile(r'[^\s",]+')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPED = re.compile(r"\\([\"\\])")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
NO_TERM = "is no term; a text with a colon is written in quotes"


class NotAQuery(ValueError):
    """A text is no query; `at` is the place, counted from 1."""

    def __init__(self, at: int, message: str):
        super().__init__(f"at {at}: {message}")
        self.at = at


@dataclass(frozen=True)
class Value:
    """One value of a term, without the quotes around it."""

    text: str
    quoted: bool = False

    def __str__(self) -> str:
        """Return the value as it is written in a term."""
        return quote(self.text) if self.quoted or not PLAIN_VALUE.fullmatch(self.text) else self.text


@dataclass(frozen=True)
class RawTerm:
    """A term as it is written: its name is empty for a word that stands alone."""

    at: int
    text: str
    negated: bool
    name: str
    path: tuple[str, ...]
    values: tuple[Value, ...]


def quote(text: str) -> str:
    """Return a text between quotes, as a query has it."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def write_word(text: str) -> str:
    """Return a word that stands alone as a query has it."""
    plain = PLAIN.fullmatch(text) and not text.startswith("-") and not LIKE_A_NAME.match(text)
    return text if plain else quote(text)


def raw_terms(text: str) -> Iterator[RawTerm]:
    """Yield the terms of a query. Raises NotAQuery, after those before the place at fault."""
    if len(text) > LONGEST:
        raise NotAQuery(LONGEST + 1, f"a query has at most {LONGEST:,} characters")
    if found := CONTROL.search(text):
        raise NotAQuery(found.start() + 1, "a query has no control characters")
    place, number = 0, 0
    while (place := _after_space(text, place)) < len(text):
        if (number := number + 1) > MOST_TERMS:
            raise NotAQuery(place + 1, f"a query has at most {MOST_TERMS} terms")
        term, place = _term(text, place)
        yield term


def _after_space(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _term(text: str, begin: int) -> tuple[RawTerm, int]:
    negated = text[begin] == "-" and begin + 1 < len(text) and not text[begin + 1].isspace()
    start = begin + negated
    if not LIKE_A_NAME.match(text, start):
        value, end = _value(text, start, PLAIN)
        return RawTerm(begin + 1, text[begin:end], negated, "", (), (value,)), end
    name, path, start = _name(text, start)
    values, end = _values(text, start)
    return RawTerm(begin + 1, text[begin:end], negated, name, path, values), end


def _name(text: str, start: int) -> tuple[str, tuple[str, ...], int]:
    found = NAME.match(text, start)
    if found is None:
        raise NotAQuery(start + 1, f"{text[start:].partition(':')[0]!r} {NO_TERM}")
    if text[found.end() : found.end() + 1].strip() == "":
        raise NotAQuery(found.end() + 1, f"{found[0]} has no value")
    return found[1].lower(), tuple(found[2].split(".")[1:]), found.end()


def _values(text: str, place: int) -> tuple[tuple[Value, ...], int]:
    values: list[Value] = []
    while True:
        value, place = _value(text, place, PLAIN_VALUE)
        values.append(value)
        if len(values) > MOST_VALUES:
            raise NotAQuery(place, f"a term has at most {MOST_VALUES} values")
        if text[place : place + 1] != ",":
            return tuple(values), place
        place += 1


def _value(text: str, place: int, plain: re.Pattern[str]) -> tuple[Value, int]:
    if text[place : place + 1] == '"':
        return _quoted(text, place)
    found = plain.match(text, place)
    if found is None:
        raise NotAQuery(place + 1, "a value is missing")
    if text[found.end() : found.end() + 1] == '"':
        raise NotAQuery(found.end() + 1, 'a quote begins in the middle of a word; in a quoted text it is written \\"')
    return Value(found[0]), found.end()


def _quoted(text: str, place: int) -> tuple[Value, int]:
    found = QUOTED.match(text, place)
    if found is None:
        raise NotAQuery(place + 1, "the closing quote is missing")
    after = text[found.end() : found.end() + 1]
    if after and after != "," and not after.isspace():
        raise NotAQuery(found.end() + 1, "a space is missing after the closing quote")
    return Value(ESCAPED.sub(r"\1", found[1]), quoted=True), found.end()
