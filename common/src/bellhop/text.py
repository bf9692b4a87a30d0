"""Text in fields: what leaves no ink, what makes one line, and how else it must look."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
STEERING = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Signs without ink that only steer those beside them."""
BLANK = rf"\s\x00-\x1f\x7f-\x9f{SPACES}{STEERING}"
"""What leaves no ink. Like the others it is a part of a class of a regular expression."""
NO_TEXT = r"\x00-\x1f\x7f-\x9f\ufffe\uffff"
"""What no line of text contains, and XML cannot."""


@dataclass(frozen=True)
class Shape:
    """How a field's text must look: a regular expression, which JSON Schema states, and words, which people read.

    White space around the text is dropped, unless it stays `as_it_is`.
    """

    pattern: str
    words: str
    as_it_is: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the text after the other rules for it, such as its length."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """State the rule for machines, and for people."""
        around = "" if self.as_it_is else r"\s*"
        return handler(schema) | {"pattern": f"^{around}(?:{self.pattern}){around}$", "x-words": self.words}

    def check(self, value: str) -> str:
        """Return the text, without white space around it. Raises PydanticCustomError, in words."""
        text = value if self.as_it_is else value.strip()
        if not re.fullmatch(self.pattern, text):
            raise PydanticCustomError("shape", "{words}", {"words": f"must be {self.words}"})
        return text


ONE_LINE = Shape(rf"[{SPACES}{STEERING}]*[^{BLANK}\ufffe\uffff][^{NO_TEXT}]*", "one line of text")
"""One line with something to see on it. It stands behind `Field(max_length=...)`, so that the length comes first."""

WITHOUT_NUL = Shape(r"[^\x00]*", "text without the NUL character")


def words_of(error: ErrorDetails) -> str:
    """Return what pydantic found wrong, without its prefix, and never as a regular expression."""
    if error["type"] == "string_pattern_mismatch":
        return "is not written as its description says"
    return error["msg"].removeprefix("Value error, ")
