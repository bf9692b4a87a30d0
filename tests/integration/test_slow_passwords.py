"""Passwords take their time: nobody waits in a transaction for it, and many at once hold nobody up."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

import httpx
import pytest

from bellhop.errors import Refused
from bellhop_ledger.accounts import passwords
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import engine, transaction
from bellhop_web.accounts import links, signing
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.bystander import bystander
from tests.cast import PASSWORD, PASSWORD_HASH, address_of
from tests.stack import Stack

NEW = "an entirely new password"
ANOTHERS = PASSWORD_HASH[:-4] + "AAAA"


class Watched:
    """Argon2, which notes that it is used and lets something else happen meanwhile."""

    def __init__(self) -> None:
        self.hasher, self.held, self.meanwhile = passwords._hasher, list[int](), lambda: None

    def hash(self, password: str) -> str:
        self._note()
        return self.hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        self._note()
        return self.hasher.verify(hashed, password)

    def _note(self) -> None:
        self.held.append(engine().pool.checkedout())  # type: ignore[attr-defined]
        self.meanwhile()


@pytest.fixture
def argon2(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    made = Watched()
    monkeypatch.setattr(passwords, "_hasher", made)
    app = create_app(WebSettings(secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]
    with app.test_request_context(environ_base={"REMOTE_ADDR": address_of("network")}):
        yield made


def account(**facts: Any) -> User:
    user = User(email=address_of("user"), password_hash=PASSWORD_HASH, **facts)
    with transaction() as db:
        db.add(user)
    return user


def link_for(user: User, purpose: str) -> str:
    return links.url_for_user(user, purpose).partition("token=")[2].replace("%3A", ":")


ACTS: dict[str, Callable[[], Any]] = {
    "sign up": lambda: signing.sign_up(address_of("new"), PASSWORD),
    "activate": lambda: signing.activate(link_for(account(), links.ACTIVATION), PASSWORD),
    "sign in": lambda: signing.sign_in(account(activated_at=now()).email, PASSWORD),
    "reset": lambda: signing.reset_password(link_for(account(activated_at=now()), links.RESET), NEW),
    "change": lambda: signing.change_password(account(activated_at=now()).id, PASSWORD, NEW, and_tokens=False),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_no_connection_is_held_while_a_password_is_hashed_or_checked(argon2: Watched, act: Callable[[], Any]) -> None:
    act()

    assert argon2.held
    assert set(argon2.held) == {0}


MEANWHILE = {
    "another password": f"password_hash = '{ANOTHERS}'",
    "disabled": "disabled_at = now()",
}


@pytest.mark.parametrize("change", MEANWHILE.values(), ids=MEANWHILE)
@pytest.mark.parametrize("act", ["activate", "sign in", "reset", "change"])
def test_what_changed_while_a_password_was_checked_counts(
    ledger: Stack, argon2: Watched, act: str, change: str
) -> None:
    argon2.meanwhile = lambda: ledger.sql(f"UPDATE users SET {change}") and None

    with pytest.raises(Refused):
        ACTS[act]()

    assert ledger.sql("SELECT count(*) FROM sessions") == [(0,)]
    assert ledger.sql("SELECT count(*) FROM users WHERE password_hash NOT IN (%s, %s)", PASSWORD_HASH, ANOTHERS) == [
        (0,)
    ]


def test_who_tried_too_often_is_refused_before_anything_is_hashed(argon2: Watched) -> None:
    user = account(activated_at=now())
    for _ in range(10):
        with pytest.raises(Refused):
            signing.change_password(user.id, "not it at all", NEW, and_tokens=False)
    argon2.held.clear()

    with pytest.raises(Refused) as refused:
        signing.change_password(user.id, PASSWORD, NEW, and_tokens=False)

    assert refused.value.status == 429
    assert argon2.held == []


def test_an_attempt_that_was_not_looked_at_does_not_count(argon2: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    user = account(activated_at=now())
    monkeypatch.setattr(passwords, "_line", BoundedSemaphore(1))
    with passwords._line:
        for _ in range(20):
            with pytest.raises(passwords.TooManyAtOnce):
                signing.sign_in(user.email, PASSWORD)

    assert signing.sign_in(user.email, PASSWORD)


@pytest.mark.parametrize("act", ["activate", "reset"])
def test_a_link_that_is_none_costs_no_hash(argon2: Watched, act: str) -> None:
    verbs = {"activate": signing.activate, "reset": signing.reset_password}

    with pytest.raises(links.LinkNotValid):
        verbs[act]("no.link.at-all", PASSWORD)

    assert argon2.held == []


def test_beyond_a_few_at_once_passwords_are_refused_and_not_waited_for(argon2: Watched) -> None:
    in_line = passwords.AT_ONCE + passwords.MOST_WAITING
    for _ in range(in_line):
        passwords._line.acquire()
    try:
        with pytest.raises(passwords.TooManyAtOnce):
            passwords.hash_password(PASSWORD)
    finally:
        for _ in range(in_line):
            passwords._line.release()

    assert passwords.TooManyAtOnce.status == 503
    assert passwords.hash_password(PASSWORD)


def test_a_hundred_and_twenty_password_changes_at_once_hold_nobody_up(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web", WEB_WORKERS="1")
    user = stack.user()
    body = {"current": user.password, "new": NEW}

    def change(_: int) -> int:
        headers = {"Authorization": user.http.headers["Authorization"]}
        return httpx.put(f"{stack.url}/api/account/password", json=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(120) as pool, bystander(stack) as other:
        statuses = pool.map(change, range(120))
        other.served()
        seen = set(statuses)

    assert 200 in seen
    assert seen <= {200, 401, 422, 429, 503}, "the first that is done ends the token and makes the password another one"
