"""The status of an answer over HTTP, as a field of a task's result: pages then say what an error's status means."""

from typing import Annotated

from pydantic import Field

MARK = "x-http-status"
"""Stands in the JSON Schema of such a field."""
HttpStatus = Annotated[int, Field(json_schema_extra={MARK: True})]
