"""Order: jsonb sorts the names of an object by their length, so a published schema says beside them how they stood."""

from collections.abc import Callable
from typing import Any

ORDER = "x-bellhop-order"
DATA = frozenset({"default", "examples", "enum", "const"})
"""Keywords whose values are no schemas."""
MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
"""Keywords whose values are schemas by name."""


def with_order(schema: Any) -> Any:
    """Return a schema in which each object with several properties lists their names."""
    if not isinstance(schema, dict):
        return _each(with_order, schema)
    found = {key: _inside(with_order, key, value) for key, value in schema.items()}
    properties = schema.get("properties")
    return found | ({ORDER: [*properties]} if isinstance(properties, dict) and len(properties) > 1 else {})


def in_order(schema: Any) -> Any:
    """Return a schema whose properties stand as these lists say, without the lists."""
    if not isinstance(schema, dict):
        return _each(in_order, schema)
    found = {key: _inside(in_order, key, value) for key, value in schema.items() if key != ORDER}
    names, properties = schema.get(ORDER), found.get("properties")
    if isinstance(names, list) and isinstance(properties, dict):
        found["properties"] = {name: properties[name] for name in names if name in properties} | properties
    return found


def _inside(change: Callable[[Any], Any], key: str, value: Any) -> Any:
    if key in DATA:
        return value
    if key in MAPS and isinstance(value, dict):
        return {name: change(one) for name, one in value.items()}
    return change(value)


def _each(change: Callable[[Any], Any], value: Any) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else value
