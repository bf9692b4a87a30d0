"""Times in answers: ISO 8601 in UTC, such as `2030-01-31T09:30:00Z`."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, PlainSerializer


def in_utc(moment: datetime) -> str:
    """Write a moment in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Utc = Annotated[datetime, PlainSerializer(in_utc, return_type=str), Field(json_schema_extra={"format": "date-time"})]

StoredUtc = Annotated[datetime, Field(json_schema_extra={"format": "date-time"})]
"""One that comes from the database, whose sessions are in UTC: pydantic writes it so by itself."""
