"""Accounts and an issuer of OpenID Connect: linking, what proves who somebody is without a password, signing out."""

import re
import time

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.cast import PASSWORD
from tests.issuer import Sso, Surfer, needs_issuer
from tests.problems import fields_of

pytestmark = needs_issuer


def test_somebody_with_a_password_links_the_issuer_and_comes_in_by_both(sso: Sso) -> None:
    sso.stack.user(Role.ADMIN)  # another one: the group makes an operator of the first, and the last one stays admin
    user, name = sso.stack.user(Role.ADMIN), sso.somebody(groups=["ops"], email_verified=False)

    page = sso.browser_of(user).link(name)

    assert "The sign-in is linked to your account." in page.text
    surfer = sso.surfer()
    surfer.sign_in(name)
    account = surfer.account()
    assert (account["id"], account["email"], account["role"]) == (str(user.id), user.email, "operator")
    [mail] = sso.stack.sql("SELECT subject FROM mails WHERE recipient = %s", user.email)
    assert mail == ("Your Bellhop account is linked to Acme",)


def test_a_link_wants_the_password(sso: Sso) -> None:
    user, name = sso.stack.user(Role.MEMBER), sso.somebody(groups=["ops"])

    page = sso.browser_of(user).link(name, password="not the password")

    assert page.status_code == 422
    assert "is not your password" in page.text
    assert sso.stack.sql("SELECT count(*) FROM identities WHERE user_id = %s", str(user.id)) == [(0,)]


def test_an_identity_leads_into_one_account_only(sso: Sso) -> None:
    name = sso.somebody(groups=["ops"])
    sso.surfer().sign_in(name)

    page = sso.browser_of(sso.stack.user(Role.MEMBER)).link(name)

    assert page.status_code == 409
    assert "comes into another account already" in page.text


def test_a_ticket_is_for_one_person(sso: Sso) -> None:
    mine = sso.browser_of(sso.stack.user(Role.MEMBER))
    page = mine.sign_in(sso.somebody(groups=["ops"]), "/account/identities/new")
    [ticket] = re.findall(r'name="identity" value="([^"]+)"', page.text)
    other = sso.browser_of(sso.stack.user(Role.MEMBER))

    answer = other.post("/account", "/account/identities", identity=ticket, password=PASSWORD)

    assert answer.status_code == 400


def test_a_link_is_removed_and_the_only_way_in_is_not(sso: Sso) -> None:
    user, name = sso.stack.user(Role.MEMBER), sso.somebody(groups=["ops"])
    sso.browser_of(user).link(name)
    alone = sso.surfer()
    alone.sign_in(sso.somebody(groups=["ops"]))
    [mine], [theirs] = (one.get("/api/account/identities").json()["identities"] for one in (user.http, alone.http))

    removed = user.http.delete(f"/api/account/identities/{mine['id']}")
    kept = alone.http.delete(f"/api/account/identities/{theirs['id']}", headers=alone.csrf)
    strange = user.http.delete(f"/api/account/identities/{theirs['id']}")

    assert (removed.status_code, kept.status_code, strange.status_code) == (204, 409, 404)
    assert user.http.get("/api/account/identities").json() == {"identities": []}


def new_token(surfer: Surfer) -> httpx.Response:
    """Ask for a token of one's account, without a password."""
    return surfer.http.post("/api/account/tokens", json={"name": "laptop"}, headers=surfer.csrf)


def test_who_has_just_signed_in_makes_a_token_without_a_password(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    sso.issuer.say({name: {"groups": ["ops"]}}, claims={"auth_time": int(time.time())})
    surfer.sign_in(name)

    assert new_token(surfer).status_code == 201
    assert 'type="password"' not in surfer.get("/account").text


def test_after_ten_minutes_a_token_wants_a_fresh_sign_in(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)
    id = surfer.account()["id"]
    sso.stack.sql("UPDATE sessions SET proved_at = now() - interval '11 minutes' WHERE user_id = %s", id)

    refused = new_token(surfer)
    [again] = re.findall(r'href="(/sign-in/oidc\?again=[^"]+)"', surfer.get("/account").text)
    page = surfer.sign_in(name, again.replace("&amp;", "&"))

    assert fields_of(refused, 422) == ["password"]
    assert "sign in with Acme again" in refused.text
    assert (page.status_code, page.url.path) == (200, "/account")
    assert new_token(surfer).status_code == 201


def test_a_fresh_sign_in_asks_even_whom_the_issuer_knows_already(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)
    page = surfer.get("/sign-in/oidc?next=/jobs")
    assert page.url.path == "/jobs"  # without a question

    assert surfer.asked("/sign-in/oidc?again=true&next=/account")


def test_a_fresh_sign_in_as_somebody_else_proves_nothing(sso: Sso) -> None:
    surfer = sso.surfer()
    surfer.sign_in(sso.somebody(groups=["ops"]))
    before = surfer.account()
    surfer.is_forgotten_by_the_issuer()

    page = surfer.sign_in(sso.somebody(groups=["ops"]), "/sign-in/oidc?again=true")

    assert page.status_code == 403
    assert "as somebody else than here" in page.text
    assert surfer.account() == before


@pytest.mark.parametrize("at", [None, 1_700_000_000])
def test_an_issuer_that_did_not_ask_proves_nothing(sso: Sso, at: int | None) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)
    sso.issuer.say({name: {"groups": ["ops"]}}, claims={"auth_time": at})

    page = surfer.sign_in(name, "/sign-in/oidc?again=true")

    assert page.status_code == 403
    assert "did not ask who you are" in page.text


def test_an_account_without_a_password_gets_none(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)
    email = surfer.account()["email"]
    wanted = {"current": "seven teapots", "new": "eight teapots on a hill"}

    changed = surfer.http.put("/api/account/password", json=wanted, headers=surfer.csrf)
    forgotten = sso.stack.client().post("/api/account/password-reset", json={"email": email})

    assert fields_of(changed, 422) == ["current"]
    assert forgotten.status_code == 202
    assert sso.stack.sql("SELECT subject FROM mails WHERE recipient = %s", email) == [("Your account has no password",)]


def test_who_signs_out_is_offered_to_sign_out_at_the_issuer(sso: Sso) -> None:
    surfer, name = sso.surfer(), sso.somebody(groups=["ops"])
    surfer.sign_in(name)

    page = surfer.post("/account", "/sign-out")
    [address] = re.findall(r'href="([^"]+/session/end[^"]+)"', page.text)
    asked = surfer.get(address.replace("&amp;", "&"))
    [secret] = re.findall(r'name="xsrf" value="(\w+)"', asked.text)
    action = address.partition("?")[0] + "/confirm"
    back = surfer.http.post(action, data={"xsrf": secret, "logout": "yes"})

    assert (page.url.path, surfer.account()) == ("/signed-out", {})
    assert back.headers["Location"].startswith(f"{sso.stack.url}/sign-in")
    assert surfer.asked()


def test_who_signs_out_of_a_session_with_a_password_is_offered_nothing(sso: Sso) -> None:
    page = sso.browser_of(sso.stack.user()).post("/account", "/sign-out")

    assert page.url.path == "/"


def test_a_session_by_the_issuer_ends_after_half_a_day(sso: Sso) -> None:
    surfer = sso.surfer()
    surfer.sign_in(sso.somebody(groups=["ops"]))

    [(hours,)] = sso.stack.sql(
        "SELECT extract(epoch FROM expires_at - created_at) / 3600 FROM sessions WHERE user_id = %s",
        surfer.account()["id"],
    )

    assert round(hours) == 12
