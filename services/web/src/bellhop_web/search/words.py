"""Words: what is searched in errors and labels, as the index of the ledger has it."""

import re

from bellhop_ledger.ledger.searched import OF_ERROR, OF_LABEL

WORD = re.compile(r"[0-9A-Za-z\u0080-\U0010ffff]+")
"""The signs of ASCII that are no letters and digits part words; what is not of ASCII is a part of one."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, of ASCII letters alone: Postgres changes no others in every locale."""
    return [_lower(found) for found in WORD.findall(text)]


def _lower(word: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in word)


def of_error(text: str) -> str:
    """Return the tsquery for words of an error, of which the last may be only begun."""
    return _query(OF_ERROR, text)


def of_label(text: str) -> str:
    """Return the tsquery for words of a label, of which the last may be only begun."""
    return _query(OF_LABEL, text)


def _query(mark: str, text: str) -> str:
    return " & ".join(f"'{mark}{word}'" for word in words_of(text)) + ":*"
