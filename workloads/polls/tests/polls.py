"""Polls as tests make them, over the API."""

from typing import Any
from uuid import uuid4

from tests.cast import TestUser
from tests.stack import Stack

TEA_OR_COFFEE = ["Tea", "Coffee"]


def unique(words: str) -> str:
    """Make words that stand nowhere else."""
    return f"{words} {uuid4().hex[:12]}"


def opened(owner: TestUser, **fields: Any) -> dict[str, Any]:
    """Open a poll and give it."""
    answer = owner.http.post("/api/polls", json={"title": unique("Which?"), "options": TEA_OR_COFFEE} | fields)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/polls/{answer.json()['id']}"
    return dict(answer.json())


def votes(stack: Stack, id: str) -> list[int]:
    """The votes of a poll's options, in their order, as everybody sees them."""
    return [option["votes"] for option in stack.http.get(f"/api/polls/{id}").json()["options"]]


def closing_job(stack: Stack, id: str) -> dict[str, Any]:
    """The job that closes a poll."""
    [[job_id]] = stack.sql("SELECT closing_job_id::text FROM polls.polls WHERE id = %s", id)
    return stack.job(str(job_id))
