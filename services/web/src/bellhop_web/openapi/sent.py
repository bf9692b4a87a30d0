"""What is sent: the rules for all text and all JSON of a request, stated in its schemas."""

from collections.abc import Iterator
from typing import Any

from bellhop_web.openapi.tasks import BESIDE

WITHOUT_NUL = "^[^\\u0000]*$"
NAMES = {"pattern": WITHOUT_NUL}
JSON = {"$ref": f"#/components/{BESIDE}/Json"}
JSON_VALUE: dict[str, Any] = {
    "description": "Any JSON that can be stored: NUL is in none of its texts",
    "anyOf": [
        {"type": ["null", "boolean", "number"]},
        {"type": "string", "pattern": WITHOUT_NUL},
        {"type": "array", "items": JSON},
        {"type": "object", "propertyNames": NAMES, "additionalProperties": JSON},
    ],
}
TELLING = {"pattern", "format", "enum", "const"}
"""What says of a text how it looks."""


def state_rules(operations: list[dict[str, Any]], schemas: dict[str, Any], of_tasks: dict[str, Any]) -> None:
    """Add to the schemas of what people send the rules that `jsontext.unstorable` checks.

    What is inside of any JSON is described for the tasks alone: in a request, clients take any object for arguments.
    """
    sent = [operation.get(part) for operation in operations for part in ("parameters", "requestBody")]
    for schema in _parts(sent, schemas, set()):
        _state_texts(schema)
    for schema in _parts(list(of_tasks.values()), of_tasks, set(of_tasks)):
        _state_texts(schema)
        if schema.get("additionalProperties") is True:
            schema["additionalProperties"] = JSON
        if schema.get("type") == "array" and schema.get("items") == {}:
            schema["items"] = JSON
    of_tasks["Json"] = JSON_VALUE


def _state_texts(schema: dict[str, Any]) -> None:
    if schema.get("type") == "string" and not schema.keys() & TELLING:
        schema["pattern"] = WITHOUT_NUL
    if schema.get("additionalProperties") is True:
        schema["propertyNames"] = NAMES


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
