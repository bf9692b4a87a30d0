"""Sign-in with an issuer of OpenID Connect, on a real one: who comes in, into which account, and with which role."""

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.issuer import Sso, needs_issuer
from tests.stack import Stack

pytestmark = needs_issuer


def role_at(stack: Stack, email: str) -> str:
    [(role,)] = stack.sql("SELECT granted_role FROM users WHERE email = %s", email)
    return str(role)


def test_somebody_new_gets_an_account_without_a_password_and_with_the_role_of_their_group(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["ops", "else"]), sso.surfer()

    page = surfer.sign_in(name, "/sign-in/oidc?next=/jobs")

    assert (page.status_code, page.url.path) == (200, "/jobs")
    account = surfer.account()
    assert (account["email"], account["role"]) == (f"{name}@example.org", "operator")
    assert sso.stack.sql("SELECT password_hash FROM users WHERE id = %s", account["id"]) == [(None,)]
    acts = sso.stack.http.get("/api/audit", params={"actor": f"user:{account['id']}"}).json()["acts"]
    assert [act["action"] for act in acts] == ["session.began", "identity.linked", "user.signed_up"]


@pytest.mark.parametrize(
    ("groups", "role"),
    [(["readers"], "viewer"), (["readers", "admins", "ops"], "admin"), ("ops", "operator")],
)
def test_of_several_groups_the_one_with_the_most_rights_counts(sso: Sso, groups: object, role: str) -> None:
    surfer = sso.surfer()

    surfer.sign_in(sso.somebody(groups=groups))

    assert surfer.account()["role"] == role


def test_the_role_is_read_again_at_each_sign_in(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["ops"]), sso.surfer()
    surfer.sign_in(name)
    sso.issuer.say({name: {"groups": ["readers"]}})
    assert surfer.account()["role"] == "operator"

    surfer.sign_in(name)

    account = surfer.account()
    assert account["role"] == "viewer"
    acts = sso.stack.http.get("/api/audit", params={"action": "user.changed", "thing": account["id"]}).json()["acts"]
    assert acts[0]["details"] == {"before": "operator", "role": "viewer", "sees_payloads": True, "by": "groups"}


def test_who_is_in_no_group_is_refused_and_makes_no_account(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["else"]), sso.surfer()

    page = surfer.sign_in(name)

    assert page.status_code == 403
    assert "You are in no group of Acme that may come in here" in page.text
    assert not surfer.account()
    assert sso.stack.sql("SELECT count(*) FROM users WHERE email LIKE %s", f"{name}%") == [(0,)]


def test_who_has_left_all_groups_is_refused_and_all_their_sessions_end(sso: Sso) -> None:
    name, there, here = sso.somebody(groups=["ops"]), sso.surfer(), sso.surfer()
    there.sign_in(name)
    sso.issuer.say({name: {"groups": []}})
    assert there.account()

    assert here.sign_in(name).status_code == 403

    assert not there.account()


def test_who_is_disabled_does_not_come_in(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["ops"]), sso.surfer()
    surfer.sign_in(name)
    sso.stack.sql("UPDATE users SET disabled_at = now() WHERE email = %s", f"{name}@example.org")

    page = surfer.sign_in(name)

    assert (page.status_code, surfer.account()) == (403, {})
    assert "Your account is disabled." in page.text


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"email": None}, 403, "does not tell your e-mail address"),
        ({"email": "nobody"}, 403, "does not tell your e-mail address"),
        ({"email_verified": False}, 403, "is not confirmed"),
    ],
)
def test_nobody_gets_an_account_without_an_address_that_is_theirs(
    sso: Sso, claims: dict[str, object], status: int, words: str
) -> None:
    page = sso.surfer().sign_in(sso.somebody(groups=["ops"], **claims))

    assert page.status_code == status
    assert words in page.text


def test_an_account_with_the_same_address_is_not_linked(sso: Sso) -> None:
    user, surfer = sso.stack.user(Role.ADMIN), sso.surfer()

    page = surfer.sign_in(sso.somebody(groups=["ops"], email=user.email))

    assert (page.status_code, surfer.account()) == (409, {})
    assert "An account here has your e-mail address" in page.text
    assert role_at(sso.stack, user.email) == "admin"


def test_an_account_that_nobody_has_confirmed_becomes_theirs_whose_address_it_has(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["ops"]), sso.surfer()
    email = f"{name}@example.org"
    stranger = sso.stack.client()
    stranger.post("/api/account", json={"email": email, "password": "seven teapots on a hill"})

    surfer.sign_in(name)

    assert surfer.account()["email"] == email
    stolen = stranger.post("/api/account/session", json={"email": email, "password": "seven teapots on a hill"})
    assert stolen.status_code == 422


def test_a_subject_is_somebody_whatever_their_address_is_later(sso: Sso) -> None:
    name, surfer = sso.somebody(groups=["ops"]), sso.surfer()
    surfer.sign_in(name)
    before = surfer.account()
    sso.issuer.say({name: {"groups": ["ops"], "email": "other@example.org", "email_verified": False}})

    surfer.sign_in(name)

    assert surfer.account()["id"] == before["id"]
