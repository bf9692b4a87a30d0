"""What is handed out for a password that is changed meanwhile, forced: nothing is, or it ends with the change."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import flask
import pytest

from bellhop.errors import Refused
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import links, signing, tokens
from bellhop_web.accounts.requests import NewToken
from bellhop_web.accounts.sessions import LIFE
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.cast import PASSWORD, PASSWORD_HASH, address_of
from tests.locks import someone_waits, uncommitted
from tests.stack import Stack

Act = Callable[[User], Any]
NEW = "an entirely new password"
LOCKING = "%FROM users%FOR NO KEY UPDATE%"


@pytest.fixture
def app(ledger: Stack) -> flask.Flask:
    """The web application in this process, on an empty database."""
    return create_app(WebSettings(secret_key="dev-only-of-a-test"))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two people at once."""
    with ThreadPoolExecutor(2) as made:
        yield made


def account(*, confirmed: bool = True) -> User:
    with transaction() as db:
        user = User(email=address_of("user"), password_hash=PASSWORD_HASH, activated_at=now() if confirmed else None)
        db.add(user)
        db.flush()
        db.add(SignIn(id=user.id, user_id=user.id, hash=uuid4().hex, expires_at=now() + LIFE, agent="before"))
    return user


def link_token(user: User, purpose: str) -> str:
    return parse_qs(urlsplit(links.url_for_user(user, purpose)).query)["token"][0]


def make_token(user: User) -> object:
    return tokens.make_token(user.id, user.id, NewToken(name="laptop", password=PASSWORD))


ACTS: dict[str, Act] = {
    "a sign-in": lambda user: signing.sign_in(user.email, PASSWORD),
    "a confirmation": lambda user: signing.activate(link_token(user, links.ACTIVATION), PASSWORD),
    "a reset": lambda user: signing.reset_password(link_token(user, links.RESET), NEW),
    "a change": lambda user: signing.change_password(user.id, PASSWORD, NEW, and_tokens=False),
    "a token": make_token,
}
CHANGES = {
    "the password is changed": "UPDATE users SET password_hash = 'another' WHERE id = %s",
    "the account is disabled": "UPDATE users SET disabled_at = now() WHERE id = %s",
    "the account is deleted": "DELETE FROM users WHERE id = %s",
}


def begun(app: flask.Flask, pool: ThreadPoolExecutor, act: Act, user: User) -> Future[Any]:
    """Begin in a thread what somebody asks for."""

    def run() -> Any:
        with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
            return act(user)

    return pool.submit(run)


def handed_out(ledger: Stack) -> list[tuple[Any, ...]]:
    """The sessions and tokens that were not there before."""
    sessions = "SELECT agent FROM sessions WHERE agent <> 'before'"
    return ledger.sql(f"{sessions} UNION ALL SELECT name FROM tokens WHERE user_id IS NOT NULL AND revoked_at IS NULL")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nothing_is_handed_out_for_a_check_that_no_longer_holds(
    ledger: Stack, app: flask.Flask, pool: ThreadPoolExecutor, act: Act, change: str
) -> None:
    user = account(confirmed=act is not ACTS["a confirmation"])

    with uncommitted(ledger, change, str(user.id)):
        asked = begun(app, pool, act, user)
        someone_waits(ledger, LOCKING)  # the password was right, or the link: the change is not yet to be seen

    with pytest.raises(Refused) as refused:
        asked.result(30)
    assert refused.value.status in {401, 422}
    assert handed_out(ledger) == []
    assert ledger.sql("SELECT count(*) FROM jobs") == [(0,)]


def test_no_token_is_made_for_a_session_that_ends_meanwhile(
    ledger: Stack, app: flask.Flask, pool: ThreadPoolExecutor
) -> None:
    user = account()

    with uncommitted(ledger, "DELETE FROM sessions WHERE user_id = %s", str(user.id)):
        asked = begun(app, pool, make_token, user)
        someone_waits(ledger, "%FROM sessions%FOR UPDATE%")

    with pytest.raises(tokens.SessionEnded):
        asked.result(30)
    assert handed_out(ledger) == []


@pytest.mark.parametrize("name", ["a sign-in", "a token"])
def test_what_was_handed_out_a_moment_before_a_reset_ends_with_it(
    ledger: Stack, app: flask.Flask, pool: ThreadPoolExecutor, name: str
) -> None:
    user = account()

    with uncommitted(ledger, "LOCK TABLE sessions, tokens IN SHARE MODE"):
        first = begun(app, pool, ACTS[name], user)
        someone_waits(ledger, "INSERT INTO %")  # it holds the account's lock
        reset = begun(app, pool, ACTS["a reset"], user)
        someone_waits(ledger, LOCKING)

    first.result(30)
    reset.result(30)
    assert len(handed_out(ledger)) == 1
    assert ledger.sql("SELECT count(*) FROM tokens WHERE revoked_at IS NULL AND user_id IS NOT NULL") == [(0,)]
