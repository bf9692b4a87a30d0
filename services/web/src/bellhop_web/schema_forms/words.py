"""What stands below a field: what the schema says of its value, in words."""

import json
from collections.abc import Mapping
from typing import Any

from bellhop_ledger.tasks.words import FORMATS, KINDS
from bellhop_web.site.format import amount

Schema = Mapping[str, Any]
SHAPES = {
    "lines": "One a line",
    "pairs": "One a line, as name: value",
    "json": "As JSON",
}
"""By the way in which a value is typed."""
LONGEST_DEFAULT = 60


def hint_of(schema: Schema, way: str) -> str:
    """Return what is said of a field: what it means, what it takes, and what it is when nobody gives it."""
    said = str(schema.get("description", "")).replace("`", "").strip()
    facts = [part for part in (SHAPES.get(way, ""), _takes(schema, way), _default(schema, way)) if part]
    words = "; ".join(facts)
    sentences = [said and said.rstrip(".") + ".", words and words[0].upper() + words[1:] + "."]
    return " ".join(sentence for sentence in sentences if sentence)


def label_of(schema: Schema, tag: Any = None) -> str:
    """Return what one of several kinds of value is called."""
    if isinstance(tag, str):
        return tag
    if "enum" in schema or "const" in schema:
        return "one of a few"
    if schema.get("type") == "object" and schema.get("title"):
        return str(schema["title"])
    kind = schema.get("type")
    return schema.get("format") or KINDS.get(kind, "JSON") if isinstance(kind, str) else "JSON"


def _takes(schema: Schema, way: str) -> str:
    if way in {"group", "branches", "choice"}:
        return ""
    words = [_kind(schema), _range(schema), _length(schema)]
    return ", ".join(word for word in words if word)


def _kind(schema: Schema) -> str:
    if "x-words" in schema:
        return "" if "description" in schema else str(schema["x-words"])
    kind, format = schema.get("type"), schema.get("format")
    if format == "date-time":
        return "a date and time; without an offset, in the zone of this form"
    if format in FORMATS:
        return FORMATS[format]
    return KINDS[kind] if kind in {"integer", "number"} else ""


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    limits = (("at least", low), ("more than", above), ("at most", high), ("less than", below))
    return " and ".join(f"{words} {_number(limit)}" for words, limit in limits if limit is not None)


def _length(schema: Schema) -> str:
    what, low, high = "characters", schema.get("minLength"), schema.get("maxLength")
    if schema.get("type") != "string":
        what, low, high = "of them", schema.get("minItems"), schema.get("maxItems")
    if high is not None:
        return f"{amount(low)} to {amount(high)} {what}" if low else f"at most {amount(high)} {what}"
    return f"at least {amount(low)} {what}" if low and low > 1 else ""


def _default(schema: Schema, way: str) -> str:
    default = schema.get("default")
    if default in (None, "", [], {}) or way in {"choice", "group"}:
        return ""
    if way == "branches" and in_choice(default):
        return ""
    if isinstance(default, int | float) and not isinstance(default, bool):
        return f"{_number(default)} if empty"
    words = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    return f"{words} if empty" if len(words) <= LONGEST_DEFAULT else "has a default"


def in_choice(default: Any) -> str:
    """Return a default as the first of several choices names it; nothing where it is too long for that."""
    words = default if isinstance(default, str) else json.dumps(default) if isinstance(default, int | float) else ""
    return words if len(words) <= LONGEST_DEFAULT else ""


def _number(value: Any) -> str:
    is_whole = isinstance(value, int | float) and abs(value) < 10**12 and float(value).is_integer()
    return amount(value) if is_whole else str(value)
