"""Parts whose value stands in one field as text: texts, numbers, choices, lists and objects of these."""

import json
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.platform.zones import find_zone
from bellhop_web.http.fields import NUMBER
from bellhop_web.http.request import number
from bellhop_web.schema_forms import names
from bellhop_web.schema_forms.parts import Form, Part
from bellhop_web.schema_forms.shown import Kind, Shown
from bellhop_web.schema_forms.values import Blank, Manner, Unreadable, same

LOCAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?", re.ASCII)
"""A date and time without an offset, as a browser's field for it sends them."""
SHORT = 200
"""Characters of a text that has a field of one line."""


@dataclass(frozen=True, kw_only=True)
class OneField(Part):
    """What all of them have: the value as a text, and back."""

    def text_of(self, value: Any) -> str | None:
        """Return a value as it stands in the field; None where it cannot."""
        raise NotImplementedError

    def value_of(self, text: str, manner: Manner) -> Any:
        """Return the value of a text that is not empty; Unreadable where there is none."""
        raise NotImplementedError

    def is_nothing(self, text: str) -> bool:
        """Return whether a text means that nothing was given."""
        return not text.strip()

    def carries(self, value: Any, name: str, manner: Manner) -> bool:
        """Return whether the value comes back as it is."""
        text = self.text_of(value)
        if text is None or "\r" in text:  # which a browser makes another end of a line
            return False
        return same(self.empty() if self.is_nothing(text) else self.value_of(text, manner), value)

    def name_of(self, name: str) -> str:
        """Return the field's name, by which a secret is known."""
        return name if self.secret is None else f"{name}{names.SECRET}"

    def read_widget(self, form: Form, name: str, manner: Manner) -> Any:
        """Return the value of what was typed."""
        text = form.get(self.name_of(name), "").replace("\r\n", "\n")  # which a browser makes of the end of a line
        if not self.is_nothing(text):
            return self.value_of(text, manner)
        return MASK if f"{name}{names.STORED}" in form else self.empty()

    def shown_text(self, value: Any) -> str:
        """Return what stands in the field."""
        if isinstance(value, Unreadable):
            return "" if self.secret is not None else value.text
        return "" if isinstance(value, Blank) else self.text_of(self.masked(value)) or ""

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return the field."""
        return self._shown(Kind.AREA, name, self.shown_text(value))

    def _shown(self, kind: Kind, name: str, text: str, **more: Any) -> Shown:
        facts = {"label": self.label, "hint": self.hint, "required": self.required}
        return Shown(kind=kind, name=self.name_of(name), text=text, **facts, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Text(OneField):
    """A text or a number."""

    type: str = "string"
    """As JSON Schema names it."""
    format: str = ""
    longest: int | None = None
    one_line: bool = False
    """Whether its schema says how it looks, so that it has no lines."""

    def is_nothing(self, text: str) -> bool:
        """Return whether a text means that nothing was given: blanks are a text, too."""
        return not text if self.type == "string" else not text.strip()

    def text_of(self, value: Any) -> str | None:
        """Return the value's own text."""
        if isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def value_of(self, text: str, manner: Manner) -> Any:
        """Return the number or date of a text; the text itself where it is none, which the schema then refuses."""
        if self.type != "string":
            return _number(text.strip()) if NUMBER.fullmatch(text.strip()) else text
        return _with_offset(text, manner.zone) if self.format == "date-time" and LOCAL.fullmatch(text) else text

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return a field of one line, or of several where the text may have them."""
        if self.secret is not None:
            keeps = manner.stored and value == MASK
            stored = f"{name}{names.STORED}" if keeps else ""
            hint = f"{self.hint} Stored; empty: it stays as it is." if keeps else f"{self.hint} Never shown here again."
            shown = self._shown(Kind.INPUT, name, "", type="password", stored=stored)
            return Shown(**{**shown.__dict__, "hint": hint.strip(), "required": self.required and not keeps})
        text = self.shown_text(value)
        if self.has_lines or "\n" in text:
            return self._shown(Kind.AREA, name, text)
        return self._shown(Kind.INPUT, name, text, type=self._type(text), inputmode=self._inputmode)

    @property
    def has_lines(self) -> bool:
        """Whether people may type several lines."""
        return self.type == "string" and not self.one_line and (self.longest is None or self.longest > SHORT)

    def _type(self, text: str) -> str:
        """Return a browser's field for dates where it can hold what stands there: it knows no offset."""
        if self.format == "date-time" and not text:
            return "datetime-local"
        return "date" if self.format == "date" and (not text or _is_date(text)) else "text"

    @property
    def _inputmode(self) -> str:
        modes = {"integer": "numeric", "number": "decimal", "uri": "url", "email": "email"}
        return modes.get(self.format) or modes.get(self.type, "")


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat() == text
    return False


def _number(text: str) -> Any:
    """Return a number as JSON has it. One that is too large for one stays a text."""
    with suppress(ValueError):
        found = int(text) if re.fullmatch(r"-?\d+", text) else number(text)
        return found if math.isfinite(found) else text
    return text


def _with_offset(text: str, zone: str) -> str:
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(text).replace(tzinfo=find_zone(zone)).isoformat()
    return text


@dataclass(frozen=True, kw_only=True)
class Options(OneField):
    """One of some values."""

    values: Sequence[Any]

    def text_of(self, value: Any) -> str | None:
        """Return how an option is sent: as it is where that is a text, else as JSON."""
        if not any(same(value, option) for option in self.values):
            return None
        return value if self._are_texts else json.dumps(value, ensure_ascii=False)

    def value_of(self, text: str, manner: Manner) -> Any:
        """Return the option; a text that is none, as a browser never sends one, is the value."""
        return next((option for option in self.values if self.text_of(option) == text), text)

    @property
    def _are_texts(self) -> bool:
        return all(isinstance(option, str) and option.strip() for option in self.values)

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return a choice."""
        options = [(str(self.text_of(option)), str(self.text_of(option))) for option in self.values]
        return self._shown(Kind.CHOICE, name, self.shown_text(value), options=[("", self._nothing()), *options])

    def _nothing(self) -> str:
        if isinstance(self.default, Blank) or self.default is None:
            return "choose" if self.required and not self.nullable else "none"
        return f"default: {self.text_of(self.default) or json.dumps(self.default)}"


@dataclass(frozen=True, kw_only=True)
class Lines(OneField):
    """A list, one item a line."""

    item: Text | Options

    def empty(self) -> Any:
        """Return what an empty field means."""
        return [] if self.required and not self.nullable else super().empty()

    def text_of(self, value: Any) -> str | None:
        """Return the items, one a line."""
        texts = [self.item.text_of(one) for one in value] if isinstance(value, list) else [None]
        return None if None in texts else "\n".join(str(text) for text in texts)

    def value_of(self, text: str, manner: Manner) -> Any:
        """Return the items of the lines that are not empty."""
        return [self.item.value_of(line.strip(), manner) for line in text.split("\n") if line.strip()]


@dataclass(frozen=True, kw_only=True)
class Pairs(OneField):
    """An object with any names, one `name: value` a line."""

    item: Text | Options

    def empty(self) -> Any:
        """Return what an empty field means."""
        return {} if self.required and not self.nullable else super().empty()

    def text_of(self, value: Any) -> str | None:
        """Return the names and values, one pair a line."""
        if not isinstance(value, dict):
            return None
        texts = {name: self.item.text_of(one) for name, one in value.items()}
        return None if None in texts.values() else "\n".join(f"{name}: {text}" for name, text in texts.items())

    def value_of(self, text: str, manner: Manner) -> Any:
        """Return the object. A line without a colon cannot be read, nor a name that comes twice."""
        found: dict[str, Any] = {}
        for line in filter(str.strip, text.split("\n")):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or name in found:
                return Unreadable(text, "has one name twice" if colon else "must have a name and a colon in each line")
            found[name] = self.item.value_of(value, manner)
        return found
