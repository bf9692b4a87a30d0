"""What a request says of an HTTP endpoint."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from bellhop.request_headers import LONGEST_SECRET, SHORTEST_SECRET, Headers, checked_secret
from bellhop.signature import MOST_ATTEMPTS
from bellhop.urls import WebUrl
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.tasks.endpoints import LONGEST_CALL, Wanted
from bellhop_web.http.fields import Name
from bellhop_web.http.request import Closed

LONGEST_WORK = 7 * 24 * 3600
"""Seconds of work that goes on after a call."""
LARGEST_SCHEMA = 100_000
"""Characters."""
DIALECT = "$schema"
"""Of a whole schema: which JSON Schema it is written in. It is read as 2020-12."""
OF_A_DOCUMENT = frozenset({"$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$vocabulary", DIALECT})
"""Keywords that only make sense in a document of its own; the schema becomes a part of ours."""


def new_or_kept(secret: str | None) -> str | None:
    """Return a secret, or the stars that stand for the stored one. Raises ValueError."""
    return secret if secret == MASK else checked_secret(secret)


SigningSecret = Annotated[
    str | None,
    Field(
        json_schema_extra={
            "pattern": rf"^(\*\*\*|[^\u0000]{{{SHORTEST_SECRET},{LONGEST_SECRET}}})$",
            "x-words": f"three stars, or {SHORTEST_SECRET} to {LONGEST_SECRET:,} characters",
        },
    ),
    AfterValidator(new_or_kept),
]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class EndpointRequest(Closed):
    """A task whose body is a service that is called over HTTP."""

    url: WebUrl = Field(description="Where the arguments of each job are sent to, with POST")
    arguments: dict[str, Any] = Field(
        default_factory=dict,
        alias="schema",
        description="JSON Schema (2020-12) of the arguments, an object. Others than its `properties` are refused "
        "unless it says something of `additionalProperties`; definitions stand in `$defs`",
        examples=[{"properties": {"amount": {"type": "integer"}}, "required": ["amount"]}],
    )
    description: Annotated[str, Field(max_length=2_000)] = Field(
        default="", description="What it does, and why repeating it is safe"
    )
    secrets: Annotated[list[str], Field(max_length=50)] = Field(
        default_factory=list,
        description="The arguments that are stored encrypted and shown as `***`, all of type string",
        examples=[["card_token"]],
    )
    queue: Name = Field(default="default", description="Where its jobs wait for a worker that calls the service")
    max_attempts: Annotated[int, Field(ge=1, le=MOST_ATTEMPTS)] = Field(
        default=5, description="How often a job is tried"
    )
    timeout: Annotated[Seconds, Field(le=LONGEST_CALL)] = Field(
        default=30, description="How many seconds a call may take. For longer work the service answers 202"
    )
    heartbeat_timeout: Annotated[Seconds, Field(ge=1, le=LONGEST_WORK)] = Field(
        default=60, description="After a 202: seconds without a word from the service until the attempt counts as lost"
    )
    completion_timeout: Annotated[Seconds, Field(ge=1, le=LONGEST_WORK)] = Field(
        default=3_600, description="After a 202: seconds until the result must be there"
    )
    headers: Headers = Field(default_factory=dict)
    signing_secret: SigningSecret = Field(
        default=None,
        description="Signs each call as Standard Webhooks do (whsec_ and Base64); stored encrypted, shown as `***`",
    )

    @field_validator("arguments")
    @classmethod
    def is_usable(cls, schema: dict[str, Any]) -> dict[str, Any]:
        """Refuse a schema that would mean something else as a part of another document."""
        schema = {name: value for name, value in schema.items() if name != DIALECT}
        if len(str(schema)) > LARGEST_SCHEMA:
            raise ValueError(f"must have at most {LARGEST_SCHEMA:,} characters")
        if schema.get("type", "object") != "object" or not isinstance(schema.get("properties", {}), dict):
            raise ValueError("must be the schema of an object: arguments have names")
        _check_references(schema)
        return {"type": "object", "properties": {}, "additionalProperties": False} | schema

    @field_validator("secrets")
    @classmethod
    def are_text(cls, secrets: list[str], others: ValidationInfo) -> list[str]:
        """Refuse a secret that is no text, or whose default everybody could read."""
        properties = others.data.get("arguments", {}).get("properties")
        for name in secrets if properties is not None else ():
            schema = properties.get(name)
            if not isinstance(schema, dict) or schema.get("type") not in ("string", ["string", "null"]):
                raise ValueError(f"{name[:200]!r} must be one of the schema's properties, of type string")
            if schema.get("default") is not None:
                raise ValueError(f"{name[:200]!r} must not have a default, which would be no secret")
        return secrets

    def wanted(self) -> Wanted:
        """Return what the endpoint is to be."""
        return Wanted(**{name: getattr(self, name) for name in type(self).model_fields})


def _check_references(schema: dict[str, Any]) -> None:
    """Raise ValueError where a schema refers to anything but its own definitions, or can be referred to."""
    definitions = schema.get("$defs", {})
    known = [f"#/$defs/{name}" for name in definitions] if isinstance(definitions, dict) else []
    for keyword, value in _keywords(schema):
        if keyword in OF_A_DOCUMENT:
            raise ValueError(f"must not contain {keyword}")
        if keyword == "$ref" and value not in known:
            raise ValueError(f"must refer to its own $defs only, not to {str(value)[:200]!r}")


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield what may be keywords of a schema, wherever they stand: also what is only named like one."""
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case dict() as one:
                yield from one.items()
                waiting.extend(one.values())
            case list() as some:
                waiting.extend(some)
