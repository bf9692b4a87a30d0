"""Admission of people whom an issuer names: what happens at the same time, and to the last admin."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest

from bellhop.errors import Conflict
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.clock import now
from bellhop_web.app import create_app
from bellhop_web.oidc.admission import admit
from bellhop_web.oidc.claims import Claims
from bellhop_web.oidc.refusals import AccountDisabled, AddressTaken
from bellhop_web.oidc_settings import Oidc
from bellhop_web.settings import SignUp, WebSettings
from tests.cast import address_of
from tests.locks import someone_waits, uncommitted
from tests.stack import Stack

ISSUER = "https://login.example.org"


@pytest.fixture
def app(ledger: Stack) -> flask.Flask:
    return create_app(
        WebSettings(
            secret_key="dev-only-of-a-test",
            sign_up=SignUp.OFF,
            oidc_issuer=ISSUER,
            oidc_client_id="bellhop",
            oidc_client_secret="hush",
            oidc_roles="admins=admin,ops=operator",
        )
    )


@pytest.fixture
def oidc(app: flask.Flask) -> Oidc:
    found: Oidc = app.config["OIDC"]
    return found


def somebody(**facts: Any) -> Claims:
    email = facts.pop("email", address_of("ada"))
    known: dict[str, Any] = {"subject": email, "groups": ("ops",), "authenticated_at": now(), "email_confirmed": True}
    return Claims(issuer=ISSUER, name=email, email=email, **known | facts)


def come_in(app: flask.Flask, oidc: Oidc, claims: Claims) -> str:
    """Admit somebody in a request of its own, and return the id of their account."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        return str(admit(oidc, claims)[0].id)


def test_two_first_sign_ins_at_once_make_one_account(app: flask.Flask, oidc: Oidc, ledger: Stack) -> None:
    claims, lock = somebody(), "SELECT pg_advisory_xact_lock(hashtextextended(%s || ' ' || %s, 0))"

    with ThreadPoolExecutor(2) as pool:
        with uncommitted(ledger, lock, claims.issuer, claims.subject):
            both = [pool.submit(come_in, app, oidc, claims) for _ in range(2)]
            someone_waits(ledger, "%pg_advisory_xact_lock%", 2)
        first, second = (one.result() for one in both)

    assert first == second
    assert ledger.sql("SELECT count(*) FROM users") == [(1,)]


def test_a_sign_up_that_is_a_moment_faster_is_not_taken_over(app: flask.Flask, oidc: Oidc, ledger: Stack) -> None:
    claims = somebody()
    sign_up = "INSERT INTO users (id, email, password_hash) VALUES (gen_random_uuid(), %s, 'x')"

    with ThreadPoolExecutor(1) as pool:
        with uncommitted(ledger, sign_up, str(claims.email)):
            waiting = pool.submit(come_in, app, oidc, claims)
            someone_waits(ledger, "INSERT INTO users%")
        with pytest.raises(AddressTaken):
            waiting.result()

    assert ledger.sql("SELECT password_hash FROM users") == [("x",)]


def test_the_last_admin_is_refused_rather_than_made_something_less(app: flask.Flask, oidc: Oidc, ledger: Stack) -> None:
    claims = somebody(groups=("admins",))
    come_in(app, oidc, claims)
    ledger.sql("UPDATE tokens SET revoked_at = now() WHERE user_id IS NULL")

    with pytest.raises(Conflict, match="admin"):
        come_in(app, oidc, somebody(subject=claims.subject, email=claims.email))

    assert ledger.sql("SELECT granted_role FROM users") == [(Role.ADMIN,)]


def test_an_admin_beside_another_one_loses_the_role(app: flask.Flask, oidc: Oidc, ledger: Stack) -> None:
    claims = somebody(groups=("admins",))
    come_in(app, oidc, somebody(groups=("admins",)))
    come_in(app, oidc, claims)

    come_in(app, oidc, somebody(subject=claims.subject, email=claims.email))

    assert sorted(ledger.sql("SELECT granted_role FROM users")) == [("admin",), ("operator",)]


def test_the_address_of_somebody_who_is_disabled_lets_nobody_in(app: flask.Flask, oidc: Oidc, ledger: Stack) -> None:
    claims = somebody()
    come_in(app, oidc, claims)
    ledger.sql("UPDATE users SET disabled_at = now()")

    with pytest.raises(AccountDisabled):
        come_in(app, oidc, somebody(email=claims.email, subject="another"))


def test_a_role_that_a_group_gives_ends_with_a_refusal_of_the_whole_sign_in(
    app: flask.Flask, oidc: Oidc, ledger: Stack
) -> None:
    claims = somebody()
    come_in(app, oidc, claims)
    ledger.sql("UPDATE users SET disabled_at = now()")

    with pytest.raises(AccountDisabled):
        come_in(app, oidc, somebody(subject=claims.subject, email=claims.email, groups=("admins",)))

    assert ledger.sql("SELECT granted_role FROM users") == [("operator",)]
