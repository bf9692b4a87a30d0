"""Service tokens: an admin makes them, and an application submits with one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import Conflict, Forbidden, NotFound
from tests.stack import Stack


def test_an_application_submits_with_a_token_of_its_own(client: Any, connect: Callable[..., Any], stack: Stack) -> None:
    made = client.tokens.create(f"client {uuid4().hex}", tasks=["test.add"])
    application = connect(stack.url, made.token)

    job = application.submit("test.add", {"a": 1, "b": 2})

    assert application.wait(job).result == 3
    assert [one.id for one in application.list()] == [job.id]
    with pytest.raises(Forbidden, match=r"test\.noop"):
        application.submit("test.noop")
    assert made.token not in repr(made)


def test_a_token_is_rotated_listed_and_revoked(client: Any, connect: Callable[..., Any], stack: Stack) -> None:
    made = client.tokens.create(f"client {uuid4().hex}", tasks=["test.*"], days=None)
    with pytest.raises(Conflict):
        client.tokens.create(made.name)

    rotated = client.tokens.rotate(made, old_until=datetime.now(UTC) + timedelta(hours=1), days=30)

    assert {len(list(connect(stack.url, token).list())) for token in (made.token, rotated.token)} == {0}
    [listed] = [one for one in client.tokens.list() if one.id == made.id]
    assert [secret.valid_until is None for secret in listed.secrets] == [True, False]
    assert listed.expires_at is not None
    client.tokens.revoke(listed)
    with pytest.raises(NotFound):
        client.tokens.revoke(made)
