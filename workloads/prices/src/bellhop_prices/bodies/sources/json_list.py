"""A JSON document with one long list, read item by item so that it never stands in memory as a whole."""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

PIECE = 65_536
LARGEST_ITEM = 1_000_000
LONGEST_SIGN = 100
"""Characters."""
SPACE = re.compile(r"[ \t\r\n]*")
COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
OPENED = {sign: re.compile(rf"[ \t\r\n]*\{sign}[ \t\r\n]*") for sign in "{}[]"}
MOST_DIGITS = 1000
"""Digits of a whole number that Python may read; a longer one is a Decimal, which is no id and no price."""


class NotAList(ValueError):
    """The document is not what it should be; the message says where it stops being so."""


def _refuse(constant: str) -> NoReturn:
    raise NotAList(f"is not JSON: {constant} is no number there")


def whole_number(digits: str) -> int | Decimal:
    """Read a whole number of any length: Python refuses very long ones, and with them all that stands around."""
    return int(digits) if len(digits) <= MOST_DIGITS else Decimal(digits)


DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=whole_number, parse_constant=_refuse)


def items(document: bytes, key: str) -> Iterator[Any]:
    """Yield the items of `{"<key>": [...]}`; what else the object has is passed over. Raises NotAList, perhaps
    after some items."""
    text, wanted, found = _Text(document), f'{{"{key}": [', False
    text.take(OPENED["{"], wanted)
    while True:
        name = text.value() if text.starts_with('"') else None
        if name is None:
            raise NotAList(
                f"is not as it should be: expected {'a name in quotes' if found else wanted} at {text.here()}"
            )
        text.take(COLON, "a colon")
        if name != key:
            text.value()
        elif found:
            raise NotAList(f'is not as it should be: "{key}" is there twice')
        else:
            found = True
            text.take(OPENED["["], wanted)
            yield from _listed(text)
        if not text.matches(COMMA):
            break
    text.take(OPENED["}"], "a comma or }")
    text.end()
    if not found:
        raise NotAList(f"is not as it should be: expected {wanted}")


def _listed(text: "_Text") -> Iterator[Any]:
    if not text.starts_with("]"):
        yield text.value()
        while text.matches(COMMA):
            yield text.value()
    text.take(OPENED["]"], "a comma or ]")


class _Text:
    """The text of a document, decoded piece by piece; of what was read only the rest is kept."""

    def __init__(self, document: bytes):
        self._document, self._offset, self._position = document, 0, 0
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._more()

    def starts_with(self, sign: str) -> bool:
        while self._position == len(self._text) and self._more():
            pass
        return self._text.startswith(sign, self._position)

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Step over what matches; a match that reaches the end may go on in the next piece."""
        found = pattern.match(self._text, self._position)
        while self._is_undecided(found) and self._more():
            found = pattern.match(self._text, self._position)
        if found is None:
            return False
        self._position = found.end()
        return True

    def _is_undecided(self, found: re.Match[str] | None) -> bool:
        if found is None:
            return len(self._text) - self._position < LONGEST_SIGN
        return found.end() == len(self._text)

    def take(self, pattern: re.Pattern[str], wanted: str) -> None:
        if not self.matches(pattern):
            raise NotAList(f"is not as it should be: expected {wanted} at {self.here()}")

    def value(self) -> Any:
        while True:
            try:
                found, end = DECODER.raw_decode(self._text, self._position)
            except NotAList:
                raise
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._position > LARGEST_ITEM or not self._more():
                    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                    raise NotAList(f"is not JSON: {reason} at {self.here()}") from None
                continue
            if end < len(self._text) or not self._more():  # a number may go on in the next piece
                self._position = end
                return found

    def end(self) -> None:
        if self._position < len(self._text):
            raise NotAList(f"is not as it should be: expected its end at {self.here()}")

    def _more(self) -> bool:
        """Decode one more piece, if there is one, and forget what was read."""
        if self._offset >= len(self._document):
            return False
        piece = self._document[self._offset : self._offset + PIECE]
        self._offset += len(piece)
        try:
            decoded = self._decoder.decode(piece, final=self._offset >= len(self._document))
        except UnicodeDecodeError:
            raise NotAList("is not text in UTF-8") from None
        self._text, self._position = self._text[self._position :] + decoded, 0
        return True

    def here(self) -> str:
        rest = self._text[self._position : self._position + 40]
        return repr(rest) if rest else "its end"
