"""From a JSON Schema to the parts of a form. What the parts do not know becomes one for JSON."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bellhop_ledger.tasks.schema import InvalidSchema, compile_schema
from bellhop_web.schema_forms import names
from bellhop_web.schema_forms.groups import Branch, Branches, Group
from bellhop_web.schema_forms.parts import Anything, Fixed, Part
from bellhop_web.schema_forms.resolving import Definitions, constant, options_of, without_null
from bellhop_web.schema_forms.texts import Lines, Options, Pairs, Text
from bellhop_web.schema_forms.values import BLANK, Blank
from bellhop_web.schema_forms.words import hint_of, label_of

Schema = Mapping[str, Any]
Facts = dict[str, Any]
DEEPEST, MOST_BRANCHES, MOST_PARTS = 10, 12, 400
TAG, SECRET = "x-tag", "x-secret"
"""In a schema that is read: which field says what kind of object it is, and the mark of a secret."""
SCALARS = frozenset({"string", "integer", "number"})


class SchemaReader:
    """Reads one schema."""

    def __init__(self, schema: Schema):
        self._definitions = Definitions(schema)
        self._read = 0

    def part(self, schema: Any, label: str, *, required: bool = True, above: tuple[str, ...] = ()) -> Part:
        """Return the part for a schema; `above` is what was gone through to come to it."""
        self._read += 1
        found, seen = self._definitions.resolved(schema, above)
        if found is None or len(seen) > DEEPEST or self._read > MOST_PARTS:
            return Anything(label=label, required=required, hint=hint_of(found or {}, "json"))
        found, nullable = without_null(found)
        if nullable:  # what is left may be a reference
            found, seen = self._definitions.resolved(found, seen)
        facts: Facts = {"label": label, "required": required, "nullable": nullable}
        return self._of_kind(found, facts, (*seen, "")) if found is not None else Anything(**facts)

    def _of_kind(self, schema: dict[str, Any], facts: Facts, seen: tuple[str, ...]) -> Part:
        facts = facts | {"default": schema.get("default", BLANK), "secret": _secret(schema)}
        if options := options_of(schema):
            return Options(values=options, hint=hint_of(schema, "choice"), **facts)
        if facts["secret"] is not None and schema.get("type") not in {"string", "object"}:
            return Anything(hint=hint_of(schema, "json"), **facts)
        for key in ("oneOf", "anyOf"):
            if isinstance(schema.get(key), list):
                return self._branches(schema, schema[key], facts, seen)
        make = {"array": self._list, "object": self._object}.get(_kind(schema))
        if make is not None:
            return make(schema, facts, seen)
        return _text(schema, facts) if _kind(schema) in SCALARS else Anything(hint=hint_of(schema, "json"), **facts)

    def _list(self, schema: dict[str, Any], facts: Facts, seen: tuple[str, ...]) -> Part:
        item = None if "prefixItems" in schema else self._item(schema.get("items"), seen)
        if item is None:
            return Anything(hint=hint_of(schema, "json"), **facts)
        return Lines(item=item, hint=hint_of(schema, "lines"), **facts)

    def _item(self, schema: Any, seen: tuple[str, ...]) -> Text | Options | None:
        """Return the part for one of many values, where each stands in a line."""
        item = self.part(schema, "", above=seen) if isinstance(schema, dict) and schema else None
        return item if isinstance(item, Text | Options) and not item.nullable and item.secret is None else None

    def _object(self, schema: dict[str, Any], facts: Facts, seen: tuple[str, ...]) -> Part:
        more = schema.get("additionalProperties")
        if properties := schema.get("properties", {}):
            return self._group(schema, properties, facts, seen)
        if item := self._item(more, seen):
            return Pairs(item=item, hint=hint_of(schema, "pairs"), **facts)
        if more in (None, False) and "properties" in schema:
            return Group(parts={}, hint=hint_of(schema, "group"), **facts)
        return Anything(hint=hint_of(schema, "json"), **facts)

    def _group(self, schema: dict[str, Any], properties: Schema, facts: Facts, seen: tuple[str, ...]) -> Part:
        parts: dict[str, Part] = {}
        needed = schema.get("required", ())
        for name, one in sorted(
            properties.items(), key=lambda item: item[0] not in needed
        ):  # what is needed comes first
            if name == schema.get(TAG):
                parts[name] = Fixed(label="", value=constant(self._definitions.resolved(one, seen)[0]))
            elif names.PLAIN.fullmatch(name):
                parts[name] = self.part(one, name, required=name in needed, above=seen)
        more = schema.get("additionalProperties") not in (None, False)
        others = ", ".join(name for name in properties if name not in parts) or ("any other field" if more else "")
        return Group(parts=parts, others=others, hint=hint_of(schema, "group"), **facts)

    def _branches(self, schema: dict[str, Any], choices: list[Any], facts: Facts, seen: tuple[str, ...]) -> Part:
        tag = (schema.get("discriminator") or {}).get("propertyName")
        usable = len(choices) <= MOST_BRANCHES and "properties" not in schema
        branches = [self._branch(one, tag, seen) for one in choices] if usable else []
        if all(isinstance(branch.part, Anything) for branch in branches):
            return Anything(hint=hint_of(schema, "json"), **facts)
        labels = [branch.label for branch in branches]
        told = [
            replace(branch, label=f"{branch.label} ({place})") if labels.count(branch.label) > 1 else branch
            for place, branch in enumerate(branches, start=1)
        ]
        return Branches(branches=told, hint=hint_of(schema, "branches"), **facts)

    def _branch(self, schema: Any, tag: str | None, seen: tuple[str, ...]) -> Branch:
        one = self._definitions.resolved(schema, seen)[0] or {}
        named = self._definitions.resolved(one.get("properties", {}).get(tag), seen)[0] if tag else None
        value = constant(named)
        tagged = schema if isinstance(value, Blank) else {**schema, TAG: tag}
        return Branch(label=label_of(one, value), part=self.part(tagged, "value", above=seen), fits=self._fits(schema))

    def _fits(self, schema: Any) -> Callable[[Any], bool]:
        try:
            validator = compile_schema({**schema, "$defs": self._definitions.all})
        except (InvalidSchema, TypeError):
            return lambda value: False
        return lambda value: bool(validator.is_valid(value))


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "")
    return kind if isinstance(kind, str) else ""


def _text(schema: dict[str, Any], facts: Facts) -> Text:
    shaped = bool({"pattern", "format"} & schema.keys())
    return Text(
        type=schema["type"],
        format=str(schema.get("format", "")),
        longest=schema.get("maxLength"),
        one_line=shaped,
        hint=hint_of(schema, "text"),
        **facts,
    )


def _secret(schema: Schema) -> Mapping[str, Any] | None:
    """Return the mark of a secret; what is only ever written is one, too."""
    if isinstance(mark := schema.get(SECRET), dict):
        return mark
    return {} if schema.get("writeOnly") is True or schema.get("format") == "password" else None
