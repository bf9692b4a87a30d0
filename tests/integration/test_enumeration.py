"""Nobody learns from the work behind an answer whether an address has an account: it is the same work."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from bellhop.errors import Refused
from bellhop_ledger.accounts import passwords
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import engine, transaction
from bellhop_web.accounts import signing
from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.cast import PASSWORD_HASH, address_of
from tests.stack import Stack

Work = list[str]
KINDS: dict[str, dict[str, Any]] = {
    "unconfirmed": {},
    "confirmed": {"activated_at": now()},
    "disabled": {"activated_at": now(), "disabled_at": now()},
}


class CountingHasher:
    """Argon2, noting each use."""

    def __init__(self, work: Work):
        self._work, self._hasher = work, passwords._hasher

    def hash(self, password: str) -> str:
        self._work.append("hash")
        return self._hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        self._work.append("verify")
        return self._hasher.verify(hashed, password)


@pytest.fixture
def work(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """What is done from now on: statements, without their values, and passwords that are hashed or checked."""
    done: Work = []
    monkeypatch.setattr(passwords, "_hasher", CountingHasher(done))

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        done.append(re.sub(r"\s+", " ", statement))

    app = create_app(WebSettings(secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]
    event.listen(engine(), "before_cursor_execute", note)
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        yield done
    event.remove(engine(), "before_cursor_execute", note)


def account(kind: str) -> str:
    """Make an account of this kind and give its address."""
    email = address_of(kind)
    with transaction() as db:
        db.add(User(email=email, password_hash=PASSWORD_HASH, **KINDS[kind]))
    return email


ACTS: dict[str, Callable[[str], Any]] = {
    "sign up": lambda email: signing.sign_up(email, "a stranger's password"),
    "sign in with a wrong password": lambda email: signing.sign_in(email, "a stranger's password"),
    "ask for a new password": signing.ask_for_reset,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_address_with_an_account_is_as_much_work_as_one_without(
    work: Work, act: Callable[[str], Any], kind: str
) -> None:
    known = account(kind)

    done = [of(act, email, work) for email in (known, address_of("unknown"))]

    assert done[0] == done[1]
    assert len(done[0][0]) >= 1


def of(act: Callable[[str], Any], email: str, work: Work) -> tuple[Work, str]:
    """Return what was done, and what was said."""
    work.clear()
    said = "accepted"
    try:
        act(email)
    except Refused as error:
        said = f"{error.status} {error.faults}"
    return list(work), said


def test_a_password_is_checked_even_where_there_is_none(work: Work) -> None:
    done, said = of(ACTS["sign in with a wrong password"], address_of("unknown"), work)

    assert done.count("verify") == 1
    assert said.startswith("422")
