"""Fields: a JSON Schema as rows that people read, one for each field, those of nested objects by their path."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bellhop_web.site.format import shortened

DEEPEST = 4
"""Levels of nested objects that get rows of their own."""
LONGEST_DEFAULT = 80
Schema = Mapping[str, Any]
# Words in place of a pattern stand beside it (see bellhop.text); one without words is for machines.
LIMITS = {
    "minimum": "at least {}", "exclusiveMinimum": "more than {}",
    "maximum": "at most {}", "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "minItems": "at least {} of them", "maxItems": "at most {} of them", "x-words": "{}",
}  # fmt: skip


@dataclass(frozen=True)
class FieldRow:
    """What one argument is."""

    path: str
    kind: str
    """Its type in words, such as `text or null`, or `list of whole numbers`."""
    required: bool
    default: str | None
    """As JSON; None: it has none."""
    choices: list[str]
    limits: list[str]
    description: str
    secret: bool


NAMES = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null",
    "object": "object", "array": "list",
}  # fmt: skip
FORMATS = {"date-time": "date and time", "date": "date", "uuid": "UUID", "uri": "URL", "email": "mail address"}


def rows_of(schema: Schema, secrets: Mapping[str, Any]) -> list[FieldRow]:
    """Return the rows of the schema of a task's arguments."""
    return list(_rows(schema, schema.get("$defs", {}), secrets, "", 0))


def _rows(schema: Schema, defs: Schema, secrets: Mapping[str, Any], above: str, depth: int) -> Iterator[FieldRow]:
    required = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        one = _resolved(given, defs)
        path = f"{above}{name}"
        yield FieldRow(
            path,
            kind_of(one, defs),
            name in required,
            shortened(json.dumps(one["default"], ensure_ascii=False), LONGEST_DEFAULT) if "default" in one else None,
            [str(choice) for choice in _choices(one, defs)],
            list(_limits(one, defs)),
            str(one.get("description", "")).replace("`", ""),
            not above and name in secrets,
        )
        inner = _inner(one, defs)
        if inner is not None and depth < DEEPEST:
            ending, of = inner
            yield from _rows(of, defs, {}, f"{path}{ending}.", depth + 1)


def kind_of(schema: Schema, defs: Schema) -> str:
    """Return the type of a schema in words."""
    schema = _resolved(schema, defs)
    if parts := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind_of(part, defs) for part in parts))
    if "enum" in schema or "const" in schema:
        return "one of these"
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'], defs)}" if "items" in schema else "list"
    if isinstance(of := schema.get("additionalProperties"), dict) and "properties" not in schema:
        return f"names with {kind_of(of, defs)}"
    types = schema.get("type", "any value")
    words = [NAMES.get(one, one) for one in ([types] if isinstance(types, str) else types)]
    return FORMATS.get(schema.get("format", ""), " or ".join(words))


def _resolved(schema: Schema, defs: Schema) -> Schema:
    """Follow a reference; what stands beside it counts more."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return {**defs[name], **{key: value for key, value in schema.items() if key != "$ref"}} if name in defs else schema


def _parts(schema: Schema, defs: Schema) -> list[Schema]:
    """Return what a value may be, each without a reference."""
    return [_resolved(one, defs) for one in schema.get("anyOf") or schema.get("oneOf") or [schema]]


def _choices(schema: Schema, defs: Schema) -> Iterator[Any]:
    for part in _parts(schema, defs):
        yield from part.get("enum", [part["const"]] if "const" in part else [])


def _limits(schema: Schema, defs: Schema) -> Iterator[str]:
    for part in _parts(schema, defs):
        yield from (words.format(part[key]) for key, words in LIMITS.items() if key in part)


def _inner(schema: Schema, defs: Schema) -> tuple[str, Schema] | None:
    """Return the object that a value is or holds, and how its place is written."""
    for part in _parts(schema, defs):
        if "properties" in part:
            return "", part
        held = _resolved(part.get("items") or {}, defs) if part.get("type") == "array" else {}
        if "properties" in held:
            return "[]", held
    return None
