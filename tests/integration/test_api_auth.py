"""Tokens: every route of the API wants one, but for those that are for everybody."""

import re
from collections.abc import Iterator

import httpx
import pytest

from bellhop_ledger.platform.secrets import hash_of
from tests.problems import fields_of
from tests.stack import TOKEN, Stack, wait_until

ID = "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"
ROUTES = [
    ("POST", "/api/jobs"),
    ("GET", "/api/jobs"),
    ("POST", "/api/jobs/batch"),
    ("GET", f"/api/jobs/{ID}"),
    ("POST", f"/api/jobs/{ID}/cancel"),
    ("POST", f"/api/jobs/{ID}/retry"),
    ("GET", "/api/account"),
    ("GET", "/api/tasks"),
]
BAD = [
    None,
    "",
    "Bearer",
    "Bearer wrong",
    f"Basic {TOKEN}",
    TOKEN,
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {hash_of(TOKEN)}",
    f"Bearer {TOKEN.upper()}",
    f"Bearer {TOKEN}, Bearer {TOKEN}",
]


@pytest.fixture
def anybody(stack: Stack) -> Iterator[httpx.Client]:
    """Somebody without a token."""
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}") as client:
        yield client


@pytest.mark.parametrize("authorization", BAD)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_valid_token_nobody_gets_in(
    anybody: httpx.Client, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = anybody.request(method, path, headers=headers, content=b"this is not even looked at")

    assert fields_of(answer, 401) == ["Authorization"]
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="bellhop"'


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_valid_token_gets_in(anybody: httpx.Client, scheme: str) -> None:
    assert anybody.get("/api/tasks", headers={"Authorization": f"{scheme} {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/api/openapi.json", "/api/docs", "/static/api_docs.css"])
def test_some_pages_are_for_everybody(anybody: httpx.Client, path: str) -> None:
    assert anybody.get(path).status_code == 200


def test_a_visitor_is_shown_the_way_to_the_description(anybody: httpx.Client) -> None:
    answer = anybody.get("/")

    assert answer.status_code == 200
    assert 'href="/api/docs"' in answer.text


def test_a_token_is_stored_as_a_hash_only(stack: Stack) -> None:
    [(row,)] = stack.sql("SELECT t::text FROM tokens t WHERE name = 'admin'")

    assert hash_of(TOKEN) in row
    assert TOKEN not in row
    assert re.fullmatch("[0-9a-f]{64}", hash_of(TOKEN))


def test_no_log_tells_a_token(stack: Stack, anybody: httpx.Client) -> None:
    anybody.get("/api/tasks", headers={"Authorization": "Bearer very-secret-mistake"})
    stack.http.get("/api/tasks")

    stack.migrate()
    log = "".join(stack.log(name) for name in ("migrate", "web", "worker", "scheduler"))
    assert TOKEN not in log
    assert "very-secret-mistake" not in log


def test_a_token_that_is_taken_away_is_refused_within_seconds(stack: Stack, anybody: httpx.Client) -> None:
    stack.sql("INSERT INTO tokens (id, name, hash) VALUES (gen_random_uuid(), 'leaver', %s)", hash_of("leaver"))
    headers = {"Authorization": "Bearer leaver"}
    assert anybody.get("/api/tasks", headers=headers).status_code == 200

    stack.sql("UPDATE tokens SET revoked_at = now() WHERE name = 'leaver'")

    wait_until(lambda: anybody.get("/api/tasks", headers=headers).status_code == 401, patience=30)
