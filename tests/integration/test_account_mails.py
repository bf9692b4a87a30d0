"""Mails that anybody can ask for: nobody uses up somebody else's, and no answer speaks of one that was not written."""

from collections.abc import Callable

import flask
import pytest

from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import browsers, signing
from bellhop_web.accounts.signing import NotConfirmed, WrongPassword
from bellhop_web.accounts.throttle import MAILS, MAILS_OF_ALL
from bellhop_web.app import create_app
from bellhop_web.ratelimits.refusals import TooOften
from bellhop_web.settings import WebSettings
from tests.cast import PASSWORD, PASSWORD_HASH, address_of
from tests.stack import Stack

OWNER, STRANGER = "198.51.100.1", "192.0.2.1"
Ask = Callable[[str], bool]


@pytest.fixture
def app(ledger: Stack) -> flask.Flask:
    return create_app(WebSettings(secret_key="dev-only-of-a-test"))


def sign_up(email: str) -> bool:
    signing.sign_up(email, PASSWORD)
    return True


def reset(email: str) -> bool:
    signing.ask_for_reset(email)
    return True


def confirmation(email: str) -> bool:
    """Sign in, which promises a mail to those alone whose address is not confirmed."""
    try:
        signing.sign_in(email, PASSWORD)
    except NotConfirmed:
        return True
    except WrongPassword:
        return False
    return False


KINDS: dict[str, Ask] = {"a sign-up": sign_up, "a reset": reset, "a confirmation": confirmation}


@pytest.fixture(params=["unconfirmed", "confirmed", "unknown"])
def email(request: pytest.FixtureRequest) -> str:
    """Somebody's address: with an account that waits, with one, and with none."""
    address = address_of("owner")
    if request.param != "unknown":
        activated = now() if request.param == "confirmed" else None
        with transaction() as db:
            db.add(User(email=address, password_hash=PASSWORD_HASH, activated_at=activated))
    return address


def written(ledger: Stack, email: str) -> int:
    return int(ledger.sql("SELECT count(*) FROM mails WHERE recipient = %s", email)[0][0])


def asked(app: flask.Flask, act: Ask, email: str, sender: str, cookie: str = "") -> bool:
    """Whether a mail is promised to whoever asks from this address."""
    headers = {"Cookie": f"bellhop_browser={cookie}"} if cookie else {}
    with app.test_request_context(environ_base={"REMOTE_ADDR": sender}, headers=headers):
        try:
            return act(email)
        except TooOften:
            return False


@pytest.mark.parametrize("of_owner", KINDS)
@pytest.mark.parametrize("of_stranger", KINDS)
def test_a_stranger_uses_up_no_mail_of_the_owner(
    ledger: Stack, app: flask.Flask, email: str, of_stranger: str, of_owner: str
) -> None:
    taken = [asked(app, KINDS[of_stranger], email, STRANGER) for _ in range(MAILS_OF_ALL.most + 5)]
    waits = ledger.sql("SELECT 1 FROM users WHERE email = %s AND activated_at IS NULL", email) != []

    promised = asked(app, KINDS[of_owner], email, OWNER)

    assert sum(taken) in {0, MAILS.most}
    assert promised is (waits or of_owner != "a confirmation")
    assert written(ledger, email) == sum(taken) + promised


@pytest.mark.parametrize("kind", ["a sign-up", "a reset"])
def test_one_sender_is_refused_aloud_and_each_promise_is_a_mail(
    ledger: Stack, app: flask.Flask, email: str, kind: str
) -> None:
    promises = [asked(app, KINDS[kind], email, STRANGER) for _ in range(MAILS.most + 2)]

    assert promises == [True] * MAILS.most + [False] * 2
    assert written(ledger, email) == MAILS.most


def test_a_crowd_of_senders_gets_one_mail_each(ledger: Stack, app: flask.Flask, email: str) -> None:
    for number in range(MAILS_OF_ALL.most):
        asked(app, KINDS["a reset"], email, f"203.0.113.{number % 5}")

    promises = [asked(app, KINDS["a reset"], email, OWNER) for _ in range(2)]

    assert promises == [True, False]
    assert written(ledger, email) == MAILS_OF_ALL.most + 1


def test_the_owners_browser_is_not_held_back_by_a_stranger_on_the_same_network(
    ledger: Stack, app: flask.Flask, email: str
) -> None:
    with app.test_request_context():
        [cookie] = browsers.remember(flask.Response(), email).headers.getlist("Set-Cookie")
    for _ in range(MAILS.most + 1):
        asked(app, KINDS["a reset"], email, OWNER)

    assert asked(app, KINDS["a reset"], email, OWNER, cookie.partition("=")[2].partition(";")[0])
