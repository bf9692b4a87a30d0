"""Secrets: arguments that are stored encrypted and shown as ***."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

KEYWORD = "x-secret"
"""The keyword of JSON Schema under which the mark stands."""


@dataclass(frozen=True)
class Secret:
    """Marks an argument as a secret, `Annotated[str, Secret()]`: text, or an object whose values are text.

    Whoever accepts a job encrypts it, and the worker opens it for the body. It is meant for one audience: for the host
    of the URL that another argument names (`audience`), or for the task alone. Of an object, the values of the names in
    `public` (in small letters) stay readable.
    """

    audience: str | None = None
    public: Iterable[str] = ()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """State the mark for those who have the schema and not the code."""
        return handler(schema) | {KEYWORD: {"audience": self.audience, "public": sorted(self.public)}}


def secrets_of(arguments: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the marks in a schema of arguments, by the name of the argument."""
    properties = arguments.get("properties", {})
    return {name: schema[KEYWORD] for name, schema in properties.items() if KEYWORD in schema}
