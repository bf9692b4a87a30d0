"""Sign-up that is switched off: nobody comes in who was not in before, by the API, the pages or a mail."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import pytest
from flask.testing import FlaskClient

from bellhop_ledger.accounts.users import User
from bellhop_ledger.mail import Mail
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import AppEnv
from bellhop_web.accounts import links, signing
from bellhop_web.app import create_app
from bellhop_web.auth.opening import SignUpIsOff
from bellhop_web.settings import SignUp, WebSettings
from tests.cast import PASSWORD, PASSWORD_HASH, address_of
from tests.stack import Stack

SERVERS = {"database_url": "postgresql://nowhere/none", "redis_url": "redis://nowhere", "encryption_key": "x" * 16}


@pytest.fixture
def app(ledger: Stack) -> Iterator[flask.Flask]:
    made = create_app(WebSettings(secret_key="dev-only-of-a-test", sign_up=SignUp.OFF))
    with made.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        yield made


@pytest.fixture
def browser(app: flask.Flask) -> FlaskClient:
    return app.test_client()


def account(*, confirmed: bool) -> User:
    with transaction() as db:
        user = User(email=address_of("user"), password_hash=PASSWORD_HASH, activated_at=now() if confirmed else None)
        db.add(user)
    return user


def token(user: User, purpose: str) -> str:
    return parse_qs(urlsplit(links.url_for_user(user, purpose)).query)["token"][0]


def mails() -> list[Mail]:
    with transaction() as db:
        return list(db.query(Mail))


@pytest.mark.parametrize(
    ("env", "given", "usual"),
    [
        (AppEnv.PRODUCTION, None, "off"),
        (AppEnv.PRODUCTION, "open", "open"),
        (AppEnv.DEVELOPMENT, None, "open"),
        (AppEnv.DEVELOPMENT, "off", "off"),
        (AppEnv.TEST, None, "open"),
    ],
)
def test_it_is_off_in_production_unless_it_is_opened(env: AppEnv, given: str | None, usual: str) -> None:
    settings = WebSettings(**SERVERS, app_env=env, secret_key="a secret", sign_up=given)  # type: ignore[arg-type]

    assert settings.sign_up_or_usual == usual


def test_a_word_that_is_neither_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="sign_up"):
        WebSettings(**SERVERS, secret_key="a secret", sign_up="no")  # type: ignore[arg-type]


def test_the_api_refuses_a_sign_up_and_writes_nothing(ledger: Stack, browser: FlaskClient) -> None:
    answer = browser.post("/api/account", json={"email": address_of("ada"), "password": PASSWORD})

    assert (answer.status_code, answer.json and answer.json["detail"]) == (403, SignUpIsOff.__doc__)
    assert ledger.sql("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM mails)") == [(0, 0)]


def test_the_page_says_that_nobody_can_sign_up(browser: FlaskClient) -> None:
    asked = browser.get("/sign-up")

    assert asked.status_code == 403
    assert "Ask whoever runs this installation for an account" in asked.text
    forms = re.findall(r"<form[^>]*>", asked.text.partition("<main")[2])
    assert [form for form in forms if "of-reader" not in form] == []


@pytest.mark.parametrize("path", ["/", "/sign-in", "/forgot-password", "/activate?token=x", "/api/docs"])
def test_no_page_leads_to_the_sign_up(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    assert 'href="/sign-up"' not in answer.text


WAYS_IN: dict[str, Callable[[User], Any]] = {
    "a confirmation": lambda user: signing.activate(token(user, links.ACTIVATION), PASSWORD),
    "a sign-in": lambda user: signing.sign_in(user.email, PASSWORD),
    "a reset": lambda user: signing.reset_password(token(user, links.RESET), "an entirely new password"),
}


@pytest.mark.parametrize("way_in", WAYS_IN.values(), ids=WAYS_IN)
def test_who_had_not_confirmed_by_then_stays_out(
    ledger: Stack, app: flask.Flask, way_in: Callable[[User], Any]
) -> None:
    user = account(confirmed=False)

    with pytest.raises(SignUpIsOff):
        way_in(user)

    assert ledger.sql("SELECT activated_at, (SELECT count(*) FROM sessions) FROM users") == [(None, 0)]
    assert mails() == []


def test_who_had_confirmed_comes_in_and_gets_a_new_password(app: flask.Flask) -> None:
    user = account(confirmed=True)

    assert WAYS_IN["a sign-in"](user)
    signing.ask_for_reset(user.email)
    assert WAYS_IN["a reset"](user)

    assert [mail.subject for mail in mails()] == ["Choose a new password", "Your password was changed"]


@pytest.mark.parametrize("known", [True, False])
def test_the_mail_to_who_has_no_account_leads_to_no_sign_up(app: flask.Flask, known: bool) -> None:
    signing.ask_for_reset(account(confirmed=False).email if known else address_of("nobody"))

    [mail] = mails()
    assert mail.subject == "There is no account with this address"
    assert str(SignUpIsOff.__doc__) in mail.letter.text
    assert "sign-up" not in mail.letter.text
