"""The form for the values of one schema: what pages show, and what they read of what was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g

from bellhop.errors import Fault
from bellhop_ledger.platform.jsontext import unstorable
from bellhop_ledger.tasks.task import Task
from bellhop_web.schema_forms import names
from bellhop_web.schema_forms.parts import Form
from bellhop_web.schema_forms.reader import SECRET, SchemaReader
from bellhop_web.schema_forms.shown import Kind, Shown
from bellhop_web.schema_forms.values import BLANK, Blank, Manner, Unreadable

AS_JSON, AS_FIELDS = "json", "fields"


@dataclass(frozen=True)
class Reading:
    """What was read of a form."""

    value: dict[str, Any]
    """Without what cannot be read."""
    faults: list[Fault]
    """What cannot be read or stored, each with its whole path. Whether the rest fits the schema, that one says."""
    tree: Any
    """The value with all that was typed in it, for `SchemaForm.show`."""


@dataclass(frozen=True)
class ShownForm:
    """A form as the templates get it."""

    name: str
    field: Shown
    as_json: bool
    has_fields: bool
    """Whether there are fields at all, and not JSON alone."""


class SchemaForm:
    """The form for the values of one JSON Schema. The names of its fields begin with `name`."""

    def __init__(self, schema: Mapping[str, Any], secrets: Mapping[str, Any] | None = None, name: str = "args"):
        self.name = name
        self._part = SchemaReader(schema).part(_marked(schema, secrets or {}), name)

    @classmethod
    def of(cls, task: Task, name: str = "args") -> "SchemaForm":
        """Return the form for the arguments of a task."""
        return cls(task.manifest.arguments, task.manifest.secrets, name)

    def show(self, value: Any = None, *, zone: str = "UTC", stored: bool = False, as_json: bool = False) -> ShownForm:
        """Return the form with a value in it: JSON, the tree of a `Reading`, or nothing.

        `zone` is that of dates without an offset. `stored`: *** in the value is a secret that stays as it is stored;
        without it each secret has to be typed.
        """
        tree = BLANK if value is None else value
        if as_json:
            field = self._part.as_json({} if isinstance(tree, Blank) else tree, self.name)
        else:
            field = self._part.show(tree, self.name, Manner(zone, stored))
        g.form_fields = g.get("form_fields", set()) | {one.name for one in field.all()}
        g.form_shown = g.get("form_shown", {}) | {one.name: one.text for one in field.all()}
        in_json = field.kind is Kind.JSON
        return ShownForm(self.name, field, as_json=in_json, has_fields=self._has_fields)

    @property
    def _has_fields(self) -> bool:
        return self._part.widget(BLANK, self.name, Manner()).kind is not Kind.JSON

    def read(self, form: Form, *, zone: str = "UTC") -> Reading:
        """Return what was sent."""
        tree = self._part.read(form, self.name, Manner(zone))
        faults = list(_unreadable(tree, self.name))
        value = _readable(tree)
        if not isinstance(value, dict):
            faults += [] if faults or isinstance(tree, Blank) else [Fault(self.name, "must be a JSON object")]
            value = {}
        faults += [Fault(f"{self.name}.{fault.field}", fault.message) for fault in unstorable(value)]
        return Reading(value, faults, tree)

    def wants(self, form: Form) -> str | None:
        """Return which view of the form its button asks for, `json` or `fields`; None where another button was used."""
        return form.get(f"{self.name}{names.VIEW}")

    def is_json(self, form: Form) -> bool:
        """Return whether the form was sent as JSON."""
        return f"{self.name}{names.JSON}" in form


def _marked(schema: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema in which the secret arguments have their marks."""
    given = schema.get("properties", {})
    known = [name for name in secrets if isinstance(given.get(name), dict)]
    marked = {name: {**given[name], SECRET: secrets[name]} for name in known}
    return {**schema, "properties": {**given, **marked}} if marked else dict(schema)


def _unreadable(tree: Any, path: str) -> Iterator[Fault]:
    if isinstance(tree, Unreadable):
        yield Fault(path.removesuffix(f".{names.REST}"), tree.message)
    elif isinstance(tree, dict):
        for name, one in tree.items():
            yield from _unreadable(one, f"{path}.{name}")


def _readable(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _readable(one) for name, one in tree.items() if not isinstance(one, Unreadable | Blank)}
    return None if isinstance(tree, Unreadable | Blank) else tree
