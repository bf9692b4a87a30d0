"""Kinds of fields that several requests share."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from math import floor
from typing import Annotated, Any, get_args, get_origin
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from bellhop.text import Shape
from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.ledger.submit import KEY_PATTERN, KEY_WORDS

DATE = r"\d{4}-?(?:\d{2}-?\d{2}|W\d{2}(?:-?\d)?)"
TIME = r"[T ][\d:.,]+(?:Z|[+-][\d:.]+)?"
ISO_8601 = re.compile(f"{DATE}(?:{TIME})?", re.ASCII | re.IGNORECASE)
"""What fromisoformat() reads besides, a digit or any other sign between date and time, is a mistake."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
"""A number in a query string, as JSON writes it; Python alone would take other scripts' digits as well."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_SECOND, AFTER_LAST_SECOND = -62_135_596_800, 253_402_300_800
"""The years 1 to 9999 in seconds since 1970."""


def date(value: Any) -> datetime:
    """Read a date in ISO 8601, which stays without a zone if it has no offset, or in seconds since 1970."""
    try:
        if isinstance(value, str) and ISO_8601.fullmatch(value):
            read = datetime.fromisoformat(value.upper())
            return read.astimezone(UTC) if read.tzinfo else read
        if isinstance(value, int | float) and not isinstance(value, bool):
            return EPOCH + timedelta(microseconds=floor(value * 1_000_000))  # rounded up it might lie beyond a limit
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError(
        "must be a date in ISO 8601, such as 2030-01-31T09:30:00Z, or in seconds since 1970,"
        " between the years 1 and 9999"
    )


def moment(value: Any) -> datetime:
    """Read a date in ISO 8601 (UTC when it has no offset) or in seconds since 1970; the result is in UTC."""
    read = date(value)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def query_moment(value: str) -> datetime:
    """Read a date from a query string, where seconds arrive as text."""
    try:
        return moment(float(value) if NUMBER.fullmatch(value) else value)
    except ValueError as error:
        raise ValueError(f"{error}; in a URL, + is written %2B") from None


def number(value: Any) -> Any:
    """Let a number of a query string through only if it is written as in JSON."""
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        raise ValueError("must be a number")
    return value


def switch(value: Any) -> Any:
    """Let true and false of a query string through, and nothing that only resembles them."""
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("must be true or false")
    return value


def idempotency_key(value: str) -> str:
    """Refuse a key that is not plain text."""
    if not re.fullmatch(KEY_PATTERN, value):
        raise ValueError(f"must be given once and be {KEY_WORDS}")
    return value


def date_or_seconds(before: datetime | None = None) -> dict[str, Any]:
    """Return the schema of a moment, perhaps of one that must lie before another."""
    most = int(before.timestamp()) if before else AFTER_LAST_SECOND
    seconds = {"type": "number", "minimum": FIRST_SECOND, "exclusiveMaximum": most}
    return {"anyOf": [{"type": "string", "format": "date-time"}, seconds]}


AS_DATE_OR_SECONDS = date_or_seconds()
Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema(AS_DATE_OR_SECONDS, mode="validation")]
Date = Annotated[datetime, BeforeValidator(date), WithJsonSchema(AS_DATE_OR_SECONDS, mode="validation")]
"""A date with a time zone beside it, in which it is read if it has no offset."""
QueryMoment = Annotated[datetime, BeforeValidator(query_moment), WithJsonSchema(AS_DATE_OR_SECONDS, mode="validation")]
Name = Annotated[
    str, Field(max_length=200), Shape("[A-Za-z0-9_.-]+", "letters, digits, points, hyphens and underscores")
]
Limit = Annotated[int, Field(ge=1, le=200), BeforeValidator(number)]
Flag = Annotated[bool, BeforeValidator(switch)]
"""true or false in a query string."""
Wait = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False), BeforeValidator(number)]
JobId = Annotated[UUID, BeforeValidator(job_id_of), WithJsonSchema({"type": "string", "minLength": 1})]
"""A job's id, or the one that a Celery client gave its task."""
IdempotencyKey = Annotated[
    str,
    AfterValidator(idempotency_key),
    WithJsonSchema({"type": "string", "pattern": KEY_PATTERN, "x-words": KEY_WORDS}),
]


NULL: JsonDict = {"type": "null"}
NOT_NULL: JsonDict = {"not": NULL}


def both(one: str, other: str) -> JsonDict:
    """Return the JSON Schema of an object in which two fields are given.

    What must not be stands below `not`, at which generators of clients do not look: below `anyOf` each way of sending
    a request would become a class of its own.
    """
    return {"required": [one, other], "properties": {one: NOT_NULL, other: NOT_NULL}}


def is_list(field: FieldInfo) -> bool:
    """Whether a field holds several values, where it is not empty."""
    kinds = (field.annotation, *get_args(field.annotation))
    return any(get_origin(get_args(kind)[0] if get_origin(kind) is Annotated else kind) is list for kind in kinds)


@cache
def repeatable(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that may be given more than once in a query string."""
    return frozenset(field.alias or name for name, field in model.model_fields.items() if is_list(field))
