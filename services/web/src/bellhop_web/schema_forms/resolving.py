"""Resolving a schema: what it refers to, whether it may be null, and which values it names."""

from collections.abc import Mapping
from typing import Any

from bellhop_web.schema_forms.values import BLANK

MOST_STEPS = 20
"""References that lead to one another without anything between them."""
DEFINITIONS = "#/$defs/"
NULL = {"type": "null"}


class Definitions:
    """The definitions of a schema, by their names."""

    def __init__(self, schema: Mapping[str, Any]):
        self.all: Mapping[str, Any] = schema.get("$defs", {})

    def resolved(self, schema: Any, above: tuple[str, ...]) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
        """Return a schema with all that it refers to in it, and what was gone through to come to it.

        Nothing where a reference leads back to where it stands, or to nothing.
        """
        found, seen = schema, above
        for _ in range(MOST_STEPS):
            if not isinstance(found, dict):
                return ({} if found is True else None), seen
            name, inner = self._inside(found)
            if inner is None:
                return found, seen
            if name is not None and (name in seen or name not in self.all):
                return None, seen
            seen = seen if name is None else (*seen, name)
            found = inner if not isinstance(inner, dict) else inner | _beside(found)
        return None, seen

    def _inside(self, schema: dict[str, Any]) -> tuple[str | None, Any]:
        """Return what a schema stands for: a definition, with its name, or the only one that holds."""
        if isinstance(reference := schema.get("$ref"), str):
            name = reference.removeprefix(DEFINITIONS)
            return name, self.all.get(name, {})
        whole = schema.get("allOf")
        return None, whole[0] if isinstance(whole, list) and len(whole) == 1 else None


def _beside(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}


def without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return a schema without null among what it takes, and whether that was there."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        rest = {"type": kinds[0]} if len(kinds) == 1 else {"anyOf": [{"type": one} for one in kinds]}
        return {key: value for key, value in schema.items() if key != "type"} | rest, len(kinds) < len(kind)
    for key in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(key), list) and NULL in branches:
            others = [one for one in branches if one != NULL]
            rest = {name: value for name, value in schema.items() if name != key}
            return (
                {**others[0], **rest} if len(others) == 1 and isinstance(others[0], dict) else rest | {key: others}
            ), True
    values = schema.get("enum")
    if isinstance(values, list) and None in values:
        return schema | {"enum": [one for one in values if one is not None]}, True
    return schema, False


def options_of(schema: Mapping[str, Any]) -> list[Any]:
    """Return the values that a schema names, if it does."""
    if "const" in schema:
        return [schema["const"]]
    if isinstance(schema.get("enum"), list):
        return list(schema["enum"])
    return [True, False] if schema.get("type") == "boolean" else []


def constant(schema: Any) -> Any:
    """Return the only value that a schema takes; Blank where there are others."""
    options = options_of(schema) if isinstance(schema, dict) else []
    return options[0] if len(options) == 1 else BLANK
