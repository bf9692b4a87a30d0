"""Invitations: a link by mail that makes an account with a role, once, for a while, and where SIGN_UP lets it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from bellhop_ledger.accounts import invitations
from bellhop_ledger.accounts.invitations import HasAccount, InvitationNotValid
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import transaction
from bellhop_web.settings import SignUp, WebSettings
from bellhop_worker.accounts.task import tidy
from tests.cast import PASSWORD, PASSWORD_HASH, Person, address_of
from tests.fixtures import app_of_ledger
from tests.integration.test_account_pages import sent
from tests.locks import someone_waits
from tests.postbox import Postbox, link_in
from tests.problems import fields_of
from tests.stack import TOKEN, Stack, wait_until

ADMIN = {"Authorization": f"Bearer {TOKEN}"}


def invited(stack: Stack, role: str = "viewer") -> dict[str, Any]:
    answer = stack.http.post("/api/invitations", json={"email": address_of("invited"), "role": role})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def token_of(link: str) -> str:
    return link.partition("token=")[2]


def accepted(stack: Stack, token: str) -> httpx.Response:
    return stack.client().post("/api/invitations/accept", json={"token": token, "password": PASSWORD})


def test_who_is_invited_chooses_a_password_and_is_in_with_the_role(stack: Stack, postbox: Postbox) -> None:
    invitation = invited(stack)
    token = token_of(link_in(postbox.first_to(invitation["email"])))

    answer = accepted(stack, token)

    assert answer.status_code == 200, answer.text
    account = answer.json()["account"]
    assert (account["email"], account["role"]) == (invitation["email"], "viewer")
    assert Person(stack.client(), invitation["email"]).sign_in().status_code == 200
    [act] = stack.http.get("/api/audit", params={"action": "user.joined", "thing": account["id"]}).json()["acts"]
    assert act["details"] == {"invitation": invitation["id"], "role": "viewer"}


def test_a_link_is_used_once(stack: Stack, postbox: Postbox) -> None:
    invitation = invited(stack)
    token = token_of(link_in(postbox.first_to(invitation["email"])))
    accepted(stack, token)

    again = accepted(stack, token)

    assert fields_of(again, 422) == ["token"]
    assert invitation["id"] not in [one["id"] for one in stack.http.get("/api/invitations").json()["invitations"]]


def test_an_invitation_that_is_sent_again_or_revoked_has_no_link_of_before(stack: Stack, postbox: Postbox) -> None:
    invitation = invited(stack)
    place, email = f"/api/invitations/{invitation['id']}", invitation["email"]
    first = token_of(link_in(postbox.first_to(email)))

    again = stack.http.post(f"{place}/resend")

    assert (again.status_code, again.json()["expired"]) == (200, False)
    assert fields_of(accepted(stack, first), 422) == ["token"]
    second = token_of(link_in(wait_until(lambda: postbox.to(email)[1:])[0]))
    assert stack.http.delete(place).status_code == 204
    assert fields_of(accepted(stack, second), 422) == ["token"]
    assert stack.http.post(f"{place}/resend").status_code == 404


def test_an_address_is_invited_once_and_not_where_it_has_an_account(stack: Stack) -> None:
    email, known = invited(stack)["email"], stack.user(Role.MEMBER).email

    answers = [
        stack.http.post("/api/invitations", json={"email": one.upper(), "role": "admin"}) for one in (email, known)
    ]

    assert [fields_of(answer, 409) for answer in answers] == [["email"], ["email"]]
    assert fields_of(stack.http.post("/api/invitations", json={"email": "ada"}), 422) == ["email", "role"]


def test_a_browser_that_was_left_signed_in_invites_nobody(stack: Stack) -> None:
    admin = Person(stack.client(), stack.user(Role.ADMIN).email)
    admin.sign_in()
    wanted = {"email": address_of("invited"), "role": "admin"}

    refused = [admin.http.post("/api/invitations", json=wanted | more) for more in ({}, {"password": "a wrong one"})]
    invited = admin.http.post("/api/invitations", json=wanted | {"password": PASSWORD})

    assert [fields_of(answer, 422) for answer in refused] == [["password"], ["password"]]
    assert invited.status_code == 201


def test_admins_invite_on_a_page_and_the_link_leads_to_one(stack: Stack, postbox: Postbox) -> None:
    email = address_of("invited")
    with httpx.Client(base_url=stack.url, cookies=stack.user(Role.ADMIN).cookies) as admin:
        assert sent(admin, "/people/invitations", email=email, role="member", password=PASSWORD).status_code == 303
        assert email in admin.get("/people/invitations").text

    with httpx.Client(base_url=stack.url) as browser:
        path = link_in(postbox.first_to(email)).removeprefix(stack.url)
        assert "tried first" in sent(browser, path, password="password1234").text
        assert sent(browser, path, password=PASSWORD).status_code == 303
        assert email in browser.get("/account").text


def pending(role: Role = Role.MEMBER) -> tuple[invitations.Invitation, str]:
    """Invite somebody in this process, without a mail."""
    with transaction() as db:
        return invitations.invite(db, address_of("pending"), role, by="token:test")


def accept(secret: str) -> None:
    with transaction() as db:
        invitations.accept(db, secret, PASSWORD_HASH)


def test_a_stranger_who_took_the_address_before_does_not_keep_the_account(ledger: Stack) -> None:
    invitation, secret = pending(Role.OPERATOR)
    ledger.sql("INSERT INTO users VALUES (gen_random_uuid(), %s, 'of a stranger', 'user', now())", invitation.email)

    accept(secret)

    assert ledger.sql("SELECT password_hash, granted_role, activated_at IS NOT NULL FROM users") == [
        (PASSWORD_HASH, "operator", True)
    ]


@pytest.mark.parametrize("state", ["activated_at", "disabled_at"])
def test_an_account_that_came_first_is_not_touched(ledger: Stack, state: str) -> None:
    invitation, secret = pending(Role.ADMIN)
    ledger.sql(
        f"INSERT INTO users (id, email, password_hash, {state}) VALUES (gen_random_uuid(), %s, 'theirs', now())",
        invitation.email,
    )

    with pytest.raises(InvitationNotValid):
        accept(secret)
    with pytest.raises(HasAccount), transaction() as db:
        invitations.renew(db, invitation.id)

    assert ledger.sql("SELECT password_hash, granted_role FROM users") == [("theirs", "member")]


def test_two_who_have_the_link_make_one_account(ledger: Stack) -> None:
    _, secret = pending()

    with ThreadPoolExecutor(1) as pool:
        with transaction() as db:
            invitations.accept(db, secret, PASSWORD_HASH)
            second = pool.submit(accept, secret)
            someone_waits(ledger, "%FROM invitations%FOR UPDATE%")
        with pytest.raises(InvitationNotValid):
            second.result(timeout=30)

    assert ledger.sql("SELECT count(*) FROM users") == [(1,)]


def test_a_link_expires_and_the_invitation_is_forgotten_a_month_later(ledger: Stack) -> None:
    invitation, secret = pending()
    ledger.sql("UPDATE invitations SET expires_at = now() - interval '29 days'")

    with pytest.raises(InvitationNotValid):
        accept(secret)
    with transaction() as db:
        assert tidy(db) == 0
    ledger.sql("UPDATE invitations SET expires_at = now() - interval '31 days'")
    with transaction() as db:
        assert tidy(db) == 1

    assert ledger.sql("SELECT id FROM invitations WHERE id = %s", str(invitation.id)) == []


@pytest.fixture(params=SignUp)
def opened(request: pytest.FixtureRequest, ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> tuple[str, FlaskClient]:
    """A setting of SIGN_UP, and somebody who asks a system that has it."""
    return request.param, app_of_ledger(ledger, monkeypatch, SIGN_UP=request.param).test_client()


ALLOWED = {SignUp.OPEN: (201, 202), SignUp.INVITE: (201, 403), SignUp.OFF: (403, 403)}


def test_the_setting_says_who_makes_an_account(opened: tuple[SignUp, FlaskClient]) -> None:
    setting, browser = opened
    wanted = {"email": address_of("invited"), "role": "member"}
    account = {"email": address_of("ada"), "password": PASSWORD}

    invited = browser.post("/api/invitations", json=wanted, headers=ADMIN)
    signed_up = browser.post("/api/account", json=account)

    assert (invited.status_code, signed_up.status_code) == ALLOWED[setting]
    if setting is not SignUp.OPEN:
        assert f'"sign_up":"{setting}"' in signed_up.text
    if setting is SignUp.OFF:
        assert "SIGN_UP is off" in invited.text


def test_where_nobody_is_let_in_an_invitation_of_before_is_not_taken(opened: tuple[SignUp, FlaskClient]) -> None:
    setting, browser = opened
    _, secret = pending()

    answer = browser.post("/api/invitations/accept", json={"token": secret, "password": PASSWORD})

    assert answer.status_code == (403 if setting is SignUp.OFF else 200)


def test_members_may_submit_everything_where_strangers_cannot_be_members() -> None:
    def tasks(setting: SignUp) -> tuple[str, ...]:
        settings: Any = {"database_url": "postgresql://nowhere/none", "redis_url": "redis://nowhere"}
        return WebSettings(**settings, encryption_key="x" * 16, secret_key="a secret", sign_up=setting).members.tasks

    assert {setting: tasks(setting) for setting in SignUp} == {
        SignUp.OPEN: (),
        SignUp.INVITE: ("*",),
        SignUp.OFF: ("*",),
    }
