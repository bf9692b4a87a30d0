"""Who may do what: users, operators, tokens that may only read, and browsers with a cookie."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.platform.secrets import hash_of
from tests.problems import LATER, fields_of
from tests.stack import Stack


@pytest.fixture
def browser(stack: Stack) -> Iterator[httpx.Client]:
    """A browser in which a user is signed in."""
    with httpx.Client(base_url=stack.url, cookies=stack.user().cookies) as client:
        yield client


def test_a_user_sees_what_is_theirs_but_no_jobs_of_others(stack: Stack) -> None:
    user, other = stack.user(), stack.submit(**LATER)

    assert user.http.get("/api/account/tokens").status_code == 200
    assert user.http.get("/api/jobs").json() == {"jobs": [], "next_cursor": None}
    assert fields_of(user.http.get(f"/api/jobs/{other['id']}"), 404) == []
    assert fields_of(user.http.post(f"/api/jobs/{other['id']}/cancel"), 404) == []
    assert fields_of(user.http.post("/api/jobs", json=LATER), 403) == ["task"]


def test_who_needs_another_role_is_told_which_in_the_api_and_on_pages(stack: Stack) -> None:
    user = stack.user()

    refused = user.http.get("/api/schedules").json()
    page = httpx.get(f"{stack.url}/jobs", cookies=user.cookies)

    assert (refused["status"], refused["required_role"], refused["role"]) == (403, "viewer", "member")
    assert page.status_code == 403
    assert "This needs the role viewer, and yours is member" in page.text


def test_an_operator_who_is_a_person_may_do_everything(stack: Stack) -> None:
    operator = stack.user("operator")

    assert operator.http.get("/api/jobs").status_code == 200
    assert operator.http.post("/api/jobs", json=LATER).status_code == 202


def test_a_token_that_may_only_read_changes_nothing(stack: Stack) -> None:
    user = stack.user()
    stack.sql("UPDATE tokens SET scope = 'read' WHERE user_id = %s", str(user.id))

    assert user.http.get("/api/account/tokens").status_code == 200
    answer = user.http.delete(f"/api/account/tokens/{uuid4()}")
    assert answer.status_code == 403
    assert "only read" in answer.json()["detail"]
    assert (answer.json()["required_scope"], answer.json()["scope"]) == ("write", "read")


@pytest.mark.parametrize("end", ["revoked_at = now()", "expires_at = now()"])
def test_a_token_that_has_ended_is_refused(stack: Stack, end: str) -> None:
    user = stack.user()

    stack.sql(f"UPDATE tokens SET {end} WHERE user_id = %s", str(user.id))

    assert fields_of(user.http.get("/api/account/tokens"), 401) == ["Authorization"]


@pytest.mark.parametrize("state", ["activated_at = NULL", "disabled_at = now()"])
def test_an_account_that_is_not_open_gets_in_neither_by_token_nor_by_cookie(stack: Stack, state: str) -> None:
    user = stack.user()

    stack.sql(f"UPDATE users SET {state} WHERE id = %s", str(user.id))

    assert user.http.get("/api/account/tokens").status_code == 401
    assert httpx.get(f"{stack.url}/api/account/tokens", cookies=user.cookies).status_code == 401


def test_a_session_gets_in_until_it_has_ended(stack: Stack, browser: httpx.Client) -> None:
    assert browser.get("/api/account/tokens").status_code == 200

    stack.sql(
        "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' "
        "WHERE hash = %s",
        hash_of(browser.cookies["bellhop_session"]),
    )

    assert fields_of(browser.get("/api/account/tokens"), 401) == ["Authorization"]


@pytest.mark.parametrize("token", [None, "", "wrong", "1234.abcd", "."])
def test_a_cookie_alone_changes_nothing(browser: httpx.Client, token: str | None) -> None:
    headers = {} if token is None else {"X-CSRF-Token": token}

    answer = browser.delete(f"/api/account/tokens/{uuid4()}", headers=headers)

    assert fields_of(answer, 403) == ["X-CSRF-Token"]


def test_a_wrong_token_is_not_saved_by_a_good_cookie(browser: httpx.Client) -> None:
    assert browser.get("/api/account/tokens", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_use_of_tokens_and_sessions_is_noted(stack: Stack) -> None:
    user = stack.user()

    user.http.get("/api/account/tokens")

    [(used,)] = stack.sql("SELECT last_used_at FROM tokens WHERE user_id = %s", str(user.id))
    assert used is not None
