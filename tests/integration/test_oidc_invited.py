"""Who is invited accepts it by signing in with the issuer, at an address that the issuer calls confirmed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest

from bellhop_ledger.accounts import invitations
from bellhop_ledger.accounts.invitations import InvitationNotValid
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import letters
from bellhop_web.app import create_app
from bellhop_web.oidc.refusals import AddressNotConfirmed, NoAccount, NoGroup, NoSignIn
from bellhop_web.oidc_settings import Oidc
from bellhop_web.settings import SignUp, WebSettings
from tests.cast import PASSWORD_HASH, address_of
from tests.integration.test_invitations import invited as invited_by_api
from tests.integration.test_oidc_admission import ISSUER, come_in, somebody
from tests.issuer import Sso, needs_issuer
from tests.locks import someone_waits, uncommitted
from tests.stack import Stack

ADA = address_of("ada")
App = Callable[..., flask.Flask]


@pytest.fixture
def app_with(ledger: Stack) -> App:
    """Make the application of a system with an issuer and no passwords, which lets in who is invited."""

    def make(**settings: Any) -> flask.Flask:
        issuer: dict[str, Any] = {
            **{"oidc_issuer": ISSUER, "oidc_name": "Acme"},
            **{"oidc_client_id": "bellhop", "oidc_client_secret": "hush"},
        }
        rest: dict[str, Any] = {"secret_key": "dev-only-of-a-test", "sign_up": SignUp.INVITE, "local_sign_in": False}
        return create_app(WebSettings(**issuer | rest | settings))

    return make


def invite(role: Role = Role.OPERATOR) -> str:
    """Invite Ada, and return the secret of the link."""
    with transaction() as db:
        return invitations.invite(db, ADA, role, by="test")[1]


def admitted(app: flask.Flask, **facts: Any) -> str:
    """Admit Ada, and return the id of her account."""
    found: Oidc = app.config["OIDC"]
    return come_in(app, found, somebody(email=ADA, **{"groups": (), **facts}))


def roles(ledger: Stack) -> list[tuple[Any, ...]]:
    return ledger.sql("SELECT email, granted_role FROM users")


def test_who_is_invited_gets_an_account_without_a_password_and_with_the_role(app_with: App, ledger: Stack) -> None:
    invite()

    id = admitted(app_with())

    assert ledger.sql("SELECT email, granted_role, password_hash FROM users") == [(ADA, "operator", None)]
    assert ledger.sql("SELECT count(*) FROM invitations") == [(0,)]
    [(thing, role)] = ledger.sql("SELECT thing, details ->> 'role' FROM audit WHERE action = 'user.joined'")
    assert (thing, role) == (id, "operator")


@pytest.mark.parametrize(
    ("expired", "facts", "why"),
    [
        (False, {"email_confirmed": None}, NoAccount),
        (False, {"email_confirmed": False}, AddressNotConfirmed),
        (True, {}, NoAccount),
    ],
)
def test_an_invitation_is_not_accepted_where(
    app_with: App, ledger: Stack, expired: bool, facts: dict[str, Any], why: type[NoSignIn]
) -> None:
    invite()
    if expired:
        ledger.sql("UPDATE invitations SET expires_at = now()")

    with pytest.raises(why):
        admitted(app_with(), **facts)

    assert ledger.sql("SELECT count(*) FROM invitations") == [(1,)]


def test_who_is_not_invited_is_refused_though_there_is_a_default_role(app_with: App, ledger: Stack) -> None:
    with pytest.raises(NoAccount):
        admitted(app_with(oidc_default_role="member"))


def test_an_invitation_counts_for_nothing_where_sign_up_is_off(app_with: App, ledger: Stack) -> None:
    invite()

    with pytest.raises(NoAccount):
        admitted(app_with(sign_up=SignUp.OFF))


def test_where_strangers_may_come_the_role_of_the_invitation_counts_more(app_with: App, ledger: Stack) -> None:
    invite()

    admitted(app_with(sign_up=SignUp.OPEN, oidc_default_role="member"))

    assert roles(ledger) == [(ADA, "operator")]


def test_where_groups_decide_their_role_counts_more(app_with: App, ledger: Stack) -> None:
    invite(Role.ADMIN)

    admitted(app_with(oidc_roles="ops=viewer"), groups=("ops",))

    assert (roles(ledger), ledger.sql("SELECT count(*) FROM invitations")) == ([(ADA, "viewer")], [(0,)])


def test_where_groups_decide_who_is_in_none_of_them_is_refused(app_with: App, ledger: Stack) -> None:
    invite()

    with pytest.raises(NoGroup):
        admitted(app_with(oidc_roles="ops=viewer"))


def test_an_account_that_nobody_has_confirmed_is_taken_over(app_with: App, ledger: Stack) -> None:
    ledger.sql("INSERT INTO users (id, email, password_hash) VALUES (gen_random_uuid(), %s, 'a stranger''s')", ADA)
    invite()

    admitted(app_with())

    assert ledger.sql("SELECT granted_role, password_hash FROM users") == [("operator", None)]


def test_an_invitation_is_accepted_once_where_both_ways_are_taken_at_once(app_with: App, ledger: Stack) -> None:
    secret, app = invite(), app_with(local_sign_in=True)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as db:
            invitations.find_by_link(db, secret, lock=True)
            waiting = pool.submit(admitted, app)
            someone_waits(ledger, "%FROM invitations%FOR UPDATE%")
            invitations.accept(db, secret, PASSWORD_HASH)
        with pytest.raises(NoSignIn, match="has your e-mail address"):
            waiting.result()

    assert ledger.sql("SELECT password_hash FROM users") == [(PASSWORD_HASH,)]


def test_a_link_is_not_valid_any_more_once_its_owner_came_by_the_issuer(app_with: App, ledger: Stack) -> None:
    secret = invite()
    admitted(app_with())

    with transaction() as db, pytest.raises(InvitationNotValid):
        invitations.accept(db, secret, PASSWORD_HASH)


def test_one_that_is_revoked_meanwhile_lets_nobody_in(app_with: App, ledger: Stack) -> None:
    invite()
    app = app_with()

    with ThreadPoolExecutor(1) as pool:
        with uncommitted(ledger, "DELETE FROM invitations WHERE email = %s", ADA):
            waiting = pool.submit(admitted, app)
            someone_waits(ledger, "%FROM invitations%FOR UPDATE%")
        with pytest.raises(NoAccount):
            waiting.result()


@pytest.mark.parametrize(
    ("local", "words"),
    [
        (True, "Choose a password or sign in with Acme, where you must have this address, before "),
        (False, "Sign in with Acme, where you must have this address, before "),
    ],
)
def test_page_and_mail_name_the_ways_in(app_with: App, ledger: Stack, local: bool, words: str) -> None:
    app = app_with(local_sign_in=local)
    secret = invite()

    page = app.test_client().get("/invitation", query_string={"token": secret})

    assert "Sign in with Acme" in page.text
    assert ('type="password"' in page.text) is local
    with app.test_request_context(), transaction() as db:
        assert words in letters.invitation(invitations.find_by_link(db, secret), secret).text


def test_a_password_accepts_no_invitation_where_passwords_let_nobody_in(app_with: App, ledger: Stack) -> None:
    body = {"token": invite(), "password": "seven teapots on a hill"}

    answer = app_with().test_client().post("/api/invitations/accept", json=body)

    assert answer.status_code == 403
    assert answer.json
    assert answer.json["detail"] == "Passwords let nobody in here. Sign in with Acme."


@pytest.mark.long
@needs_issuer
def test_who_is_invited_comes_in_by_a_real_issuer(make_sso: Callable[..., Sso]) -> None:
    alone = make_sso(SIGN_UP="invite", LOCAL_SIGN_IN="off", OIDC_NAME="Acme")
    invitation = invited_by_api(alone.stack, "operator")
    surfer, stranger = alone.surfer(), alone.surfer()

    surfer.sign_in(alone.somebody(email=invitation["email"]))
    page = stranger.sign_in(alone.somebody())

    assert surfer.account()["role"] == "operator"
    assert (page.status_code, stranger.account()) == (403, {})
