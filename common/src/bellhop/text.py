"""Text in fields: what leaves no ink, what makes one line, and how else it must look."""

import re
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
AROUND = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
AROUND += "\u2028\u2029\u202f\u205f\u3000"
"""White space that is dropped around a text: no other signs, for JavaScript and Python differ a little."""
STEERING = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Signs without ink: they steer those beside them, or fill a place."""
JOINERS = r"\u200c\u200d"
"""Of those the two that Persian, Indian scripts and emoji are written with; between plain letters they show nothing."""
BLANK = rf"\x00-\x1f\x7f-\x9f{SPACES}{STEERING}"
"""What leaves no ink. Like the others it is a part of a class of a regular expression."""
NO_TEXT = r"\x00-\x1f\x7f-\x9f\ufffe\uffff"
"""What no line of text contains, and XML cannot."""


@dataclass(frozen=True)
class Shape:
    """How a field's text must look: a regular expression, which JSON Schema states, and words, which people read.

    White space around the text is dropped, unless it stays `as_it_is`. Letters with accents that are `composed` are
    the same however they were put together (Unicode's form NFC): names that look alike are alike.
    """

    pattern: str
    words: str
    as_it_is: bool = False
    composed: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the text after the other rules for it, such as its length."""
        schema = handler(source)
        if self.composed:
            schema = core_schema.no_info_before_validator_function(_compose, schema)
        return core_schema.no_info_after_validator_function(self.check, schema)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """State the rule for machines, and for people."""
        around = "" if self.as_it_is else rf"[\t-\r{SPACES}]*"
        return handler(schema) | {"pattern": f"^{around}(?:{self.pattern}){around}$", "x-words": self.words}

    def check(self, value: str) -> str:
        """Return the text, without white space around it. Raises PydanticCustomError, in words."""
        text = value if self.as_it_is else value.strip(AROUND)
        if not re.fullmatch(self.pattern, text):
            raise PydanticCustomError("shape", "{words}", {"words": f"must be {self.words}"})
        return text


INK = rf"(?:[^\x00-\x7f{BLANK}\ufffe\uffff](?:[{JOINERS}][^\x00-\x7f{BLANK}\ufffe\uffff])+|[^{BLANK}\ufffe\uffff])"
LINE_SPACES = SPACES.replace(r"\u2028\u2029", "")
ONE_LINE = Shape(
    rf"[{LINE_SPACES}]*{INK}(?:{INK}|[{LINE_SPACES}])*", "one line of text without invisible signs", composed=True
)
"""One line with something to see on it, as two people would write it. It stands behind `Field(max_length=...)`, so that
the length comes first."""

WITHOUT_NUL = Shape(r"[^\x00]*", "text without the NUL character")


FAULTS = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "none_required": "must be null",
    "string_pattern_mismatch": "is not written as its description says",
    "string_unicode": "must be valid Unicode",
    "timezone_aware": "must have an offset from UTC, such as Z or +02:00",
}
"""What is wrong, by the type of pydantic's error."""
KINDS = {
    "int": "an integer",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text",
    "dict": "an object",
    "model": "an object",
    "model_attributes": "an object",
    "list": "a list",
    "uuid": "a UUID, such as 019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d",
    "datetime": "a date and time in ISO 8601, such as 2030-01-31T09:30:00Z",
    "date": "a date, such as 2030-01-31",
    "time": "a time, such as 09:30:00Z",
    "time_delta": "a length of time: seconds, or a duration in ISO 8601 such as PT1H30M",
}
"""What a value is to be, by the beginning of the type of pydantic's error, such as `int_parsing`."""


def _compose(value: Any) -> Any:
    return normalize("NFC", value) if isinstance(value, str) else value


def words_of(error: ErrorDetails) -> str:
    """Return what pydantic found wrong, in the words in which a task's schema is applied, and without the value."""
    if error["type"] in FAULTS:
        return FAULTS[error["type"]]
    kind = re.sub(r"_(?:type|parsing|parsing_size|from_\w+)$", "", error["type"])
    if kind in KINDS:
        return f"must be {KINDS[kind]}"
    return _must(error["msg"].removeprefix("Value error, "))


def _must(message: str) -> str:
    """Return `must have at most 3 items` for `List should have at most 3 items after validation, not 4`."""
    words = re.sub(r"^[A-Z]\w*(?: \w+)? should ", "must ", message.partition(" after validation, not ")[0])
    return words.replace("greater than or equal to", "at least").replace("less than or equal to", "at most")
