"""The JSON Schema of a manifest, compiled; with what it cannot say by itself as keywords of our own."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

INTEGER, CASELESS = "x-integer", "x-caseless-names"


class InvalidSchema(ValueError):
    """A schema cannot be used."""


class Integer:
    """A number written with a fraction, such as 5.0, is no integer: the body's own check would refuse it."""

    def __init__(self, *_: Any):
        pass

    def validate(self, instance: Any) -> None:
        """Raise ValueError."""
        if isinstance(instance, float):
            raise ValueError("must be an integer, written without a fraction")


class CaselessNames:
    """The names of an object's fields differ in more than capital letters, as those of HTTP headers do."""

    def __init__(self, *_: Any):
        pass

    def validate(self, instance: Any) -> None:
        """Raise ValueError."""
        if isinstance(instance, dict) and len({name.lower() for name in instance}) < len(instance):
            raise ValueError("has one name twice")


KEYWORDS: dict[str, Any] = {INTEGER: Integer, CASELESS: CaselessNames}


def compile_schema(schema: Mapping[str, Any]) -> Any:
    """Return the validator. Raises InvalidSchema."""
    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=True, keywords=KEYWORDS, offline=True, mask="***"
        )
    except ValueError as error:
        raise InvalidSchema(str(error)) from None


def mark_integers(schema: Any) -> Any:
    """Return the schema with a mark at each integer, which in JSON Schema 5.0 is, too."""
    if isinstance(schema, list):
        return [mark_integers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    marked = {key: value if key in {"default", "examples", "enum", "const"} else mark_integers(value)
              for key, value in schema.items()}  # fmt: skip
    return marked | ({INTEGER: True} if schema.get("type") == "integer" else {})
