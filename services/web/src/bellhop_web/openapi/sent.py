"""What is sent: the rules for all text and all JSON of a request, stated in its schemas."""

from collections.abc import Iterator
from typing import Any

WITHOUT_NUL = "^[^\\u0000]*$"
JSON = {"$ref": "#/components/schemas/Json"}
ANY_OBJECT: dict[str, Any] = {"propertyNames": {"pattern": WITHOUT_NUL}, "additionalProperties": JSON}
JSON_VALUE: dict[str, Any] = {
    "description": "Any JSON that can be stored: NUL is in none of its texts",
    "anyOf": [
        {"type": ["null", "boolean", "number"]},
        {"type": "string", "pattern": WITHOUT_NUL},
        {"type": "array", "items": JSON},
        {"type": "object", **ANY_OBJECT},
    ],
}
TELLING = {"pattern", "format", "enum", "const"}
"""What says of a text how it looks."""


def state_rules(operations: list[dict[str, Any]], schemas: dict[str, Any]) -> None:
    """Add to the schemas of what people send the rules that `jsontext.unstorable` checks."""
    schemas["Json"] = JSON_VALUE
    sent = [operation.get(part) for operation in operations for part in ("parameters", "requestBody")]
    for schema in _parts(sent, schemas, {"Json"}):
        if schema.get("type") == "string" and not schema.keys() & TELLING:
            schema["pattern"] = WITHOUT_NUL
        if schema.get("additionalProperties") is True:
            schema.update(ANY_OBJECT)
        if schema.get("type") == "array" and schema.get("items") == {}:
            schema["items"] = JSON


def _parts(schema: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[dict[str, Any]]:
    """Yield all parts of a schema, and of those that it refers to, once."""
    if isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        inner = [*schema.values(), *([schemas[name]] if name and name not in seen else [])]
        seen.add(name)
        yield schema
    else:
        inner = schema if isinstance(schema, list) else []
    for part in inner:
        yield from _parts(part, schemas, seen)
