"""What every error of the API looks like."""

from typing import Any

from httpx import Response

ADDITION: dict[str, Any] = {"task": "test.add", "args": {"a": 5, "b": 7}}
LATER: dict[str, Any] = ADDITION | {"delay": 1_000_000}
"""A job that no test waits for."""


def fields_of(answer: Response, status: int = 422) -> list[str]:
    """Check that an answer is a problem with this status and give the fields that it names."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "detail", "request_id"} <= problem.keys()
    assert problem["status"] == status
    return [error["field"] for error in problem["errors"]]
