"""Kinds of fields that several requests share."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


def moment(value: Any) -> datetime:
    """Read a date in ISO 8601 (UTC when it has no offset) or in seconds since 1970; the result is in UTC."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise ValueError("must be a date in ISO 8601 or in seconds since 1970, between the years 1 and 9999")


def query_moment(value: Any) -> datetime:
    """Read a date from a query string, where seconds arrive as text."""
    try:
        return moment(float(value))
    except ValueError:
        return moment(value)


AS_DATE_OR_SECONDS = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]}
Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema(AS_DATE_OR_SECONDS, mode="validation")]
QueryMoment = Annotated[datetime, BeforeValidator(query_moment), WithJsonSchema(AS_DATE_OR_SECONDS, mode="validation")]
Wait = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]


class Closed(BaseModel):
    """A part of a request in which unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")
