"""The operators' gate: what a proxy is answered that asks whether a request may go on to Flower."""

from collections.abc import Iterator

import httpx
import pytest

from bellhop_ledger.platform.secrets import hash_of
from tests.stack import Stack

SIGN_IN = "/sign-in?next=%2Fflower%2Ftasks%3Fpage%3D2"


@pytest.fixture
def proxy(stack: Stack) -> Iterator[httpx.Client]:
    """A proxy that asks for somebody who wants to see Flower."""
    headers = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/flower/tasks?page=2"}
    with httpx.Client(base_url=stack.url, headers=headers) as client:
        yield client


@pytest.fixture
def operator(stack: Stack, proxy: httpx.Client) -> httpx.Client:
    """The same for an operator."""
    proxy.cookies.update(stack.user("operator").cookies)
    return proxy


def test_an_operator_gets_through(operator: httpx.Client) -> None:
    answer = operator.get("/operators/check")

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_user_does_not(stack: Stack, proxy: httpx.Client) -> None:
    proxy.cookies.update(stack.user().cookies)

    answer = proxy.get("/operators/check")

    assert answer.status_code == 403
    assert "do not have access to this" in answer.text


def test_a_stranger_is_led_to_the_sign_in_and_back(proxy: httpx.Client) -> None:
    answer = proxy.get("/operators/check")

    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)


def test_who_looks_at_the_head_alone_is_led_to_the_sign_in_too(proxy: httpx.Client) -> None:
    answer = proxy.get("/operators/check", headers={"X-Forwarded-Method": "HEAD"})

    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-Method": "POST"}, {"X-Forwarded-Uri": "/" + 2000 * "x"}], ids=["a form", "too long"]
)
def test_a_stranger_is_not_led_back_to_what_cannot_be_asked_for_again(
    proxy: httpx.Client, headers: dict[str, str]
) -> None:
    answer = proxy.get("/operators/check", headers=headers)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=")


def test_a_token_is_no_session_not_even_an_operators(stack: Stack, proxy: httpx.Client) -> None:
    answers = [user.get("/operators/check") for user in (stack.http, stack.user("operator").http)]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://{host}", 204), ("https://evil.example", 403), ("https://{host}.evil.example", 403), ("null", 403)],
)
def test_a_change_must_be_asked_for_on_a_page_of_ours(operator: httpx.Client, origin: str, status: int) -> None:
    host = operator.base_url.netloc.decode()
    headers = {"X-Forwarded-Method": "POST", "Origin": origin.format(host=host)}

    assert operator.get("/operators/check", headers=headers).status_code == status


@pytest.mark.parametrize(
    "end",
    [
        "DELETE FROM sessions WHERE hash = %s",
        "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' "
        "WHERE hash = %s",
        "UPDATE users SET disabled_at = now() WHERE id = (SELECT user_id FROM sessions WHERE hash = %s)",
    ],
    ids=["revoked", "over", "account disabled"],
)
def test_a_session_that_has_ended_is_a_strangers_at_once(stack: Stack, operator: httpx.Client, end: str) -> None:
    assert operator.get("/operators/check").status_code == 204

    stack.sql(end, hash_of(operator.cookies["bellhop_session"]))

    assert operator.get("/operators/check").headers["Location"] == SIGN_IN


def test_an_operator_who_becomes_a_user_is_shut_out_at_once(stack: Stack, operator: httpx.Client) -> None:
    secret = operator.cookies["bellhop_session"]

    stack.sql(
        "UPDATE users SET role = 'user' WHERE id = (SELECT user_id FROM sessions WHERE hash = %s)", hash_of(secret)
    )

    assert operator.get("/operators/check").status_code == 403
