"""A part of a form: one value of a schema, with both directions beside each other, so that they stay each other's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bellhop_web.schema_forms import names
from bellhop_web.schema_forms.shown import Kind, Shown
from bellhop_web.schema_forms.values import BLANK, Blank, Manner, Unreadable, hidden, read_json, same
from bellhop_web.site.secret_fields import hidden_in_text

Form = Mapping[str, str]
EMPTY: tuple[Any, ...] = (None, "", [], {})
"""What an empty field may stand for, where it means one of them."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What every part has. Its kind says how a value is shown in fields (`widget`), and read from them."""

    label: str
    hint: str = ""
    required: bool = False
    nullable: bool = False
    default: Any = BLANK
    secret: Mapping[str, Any] | None = None
    """The mark of a secret; see `bellhop.secret`."""

    def show(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return the fields with a value in them, or one for JSON where they cannot hold it."""
        if isinstance(value, Unreadable):
            return self.as_json(value, name) if value.as_json else self.widget(value, name, manner)
        if value in EMPTY and self.is_meant_by_nothing(value):
            value = BLANK
        if isinstance(value, Blank) or self.carries(value, name, manner):
            return self.widget(value, name, manner)
        return self.as_json(value, name)

    def read(self, form: Form, name: str, manner: Manner) -> Any:
        """Return what was typed: JSON, in which Blank and Unreadable stand where there is none."""
        if (text := form.get(self.json_name(name))) is None:
            return self.read_widget(form, name, manner)
        found = read_json(text)
        return self.empty() if isinstance(found, Blank) else found

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return the fields with a value that they carry in them, or with nothing."""
        raise NotImplementedError

    def read_widget(self, form: Form, name: str, manner: Manner) -> Any:
        """Return what was typed into the fields."""
        raise NotImplementedError

    def carries(self, value: Any, name: str, manner: Manner) -> bool:
        """Return whether the fields can hold a value, so that it comes back as it is."""
        raise NotImplementedError

    def masked(self, value: Any) -> Any:
        """Return a value as a page may show it."""
        return value if self.secret is None else hidden(value, self.secret.get("public", ()))

    def secrets(self) -> list[str]:
        """Return the names of what is secret in its value."""
        return []

    def empty(self) -> Any:
        """Return what an empty field means."""
        return None if self.required and self.nullable else BLANK

    def is_meant_by_nothing(self, value: Any) -> bool:
        """Return whether a value is the one that an empty field means."""
        nothing = self.empty()
        return same(self.default if isinstance(nothing, Blank) else nothing, value)

    def json_name(self, name: str) -> str:
        """Return the name of the field for JSON, by which a secret is known."""
        return f"{name}{names.JSON}{'' if self.secret is None else names.SECRET}"

    def as_json(self, value: Any, name: str) -> Shown:
        """Return one field with the value as JSON."""
        if isinstance(value, Unreadable):
            text = "" if self.secret is not None else hidden_in_text(value.text, self.secrets())
        else:
            text = "" if isinstance(value, Blank) else written(self.masked(value))
        return Shown(
            kind=Kind.JSON, name=self.json_name(name), label=self.label, hint=self.hint, required=self.required,
            text=text, secrets={f"{name}{names.NAMES}": " ".join(found)} if (found := self.secrets()) else {},
        )  # fmt: skip


def written(value: Any) -> str:
    """Write a value as JSON for people, without what cannot be read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=lambda one: getattr(one, "text", None))


class Anything(Part):
    """A value for which there are no fields."""

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return a field for JSON."""
        return self.as_json(value, name)

    def read_widget(self, form: Form, name: str, manner: Manner) -> Any:
        """Return nothing: its field is the one for JSON."""
        return self.empty()

    def carries(self, value: Any, name: str, manner: Manner) -> bool:
        """Return False: all is shown as JSON."""
        return False


@dataclass(frozen=True, kw_only=True)
class Fixed(Part):
    """A value that is always the same, and that nobody has to see: what says of an object which kind it is."""

    value: Any

    def show(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return nothing to see."""
        return Shown(kind=Kind.GROUP, name=name, label="")

    def read(self, form: Form, name: str, manner: Manner) -> Any:
        """Return the value."""
        return self.value
