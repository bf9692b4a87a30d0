"""Sign-in with an issuer of OpenID Connect in a browser: there and back, linking, a fresh sign-in, and signing out."""

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.cast import PASSWORD
from tests.issuer import Sso, needs_issuer

pytestmark = needs_issuer


def come_in(visit: Visit, name: str, path: str = "/sign-in") -> None:
    """Sign in with the issuer, by its button and its form."""
    visit.open(path)
    visit.page.get_by_role("link", name="Sign in with Acme").click()
    visit.page.get_by_label("Name").fill(name)
    visit.page.get_by_role("button", name="Sign in").click()


def test_somebody_signs_in_with_the_issuer_and_comes_to_where_they_wanted(sso: Sso, visitor: Visitor) -> None:
    name, visit = sso.somebody(groups=["ops"]), visitor(on=sso.stack)

    come_in(visit, name, "/jobs")

    visit.page.wait_for_url(f"{sso.stack.url}/jobs")
    visit.see(f"{name}@example.org")


def test_it_needs_no_scripts(sso: Sso, visitor: Visitor) -> None:
    name, visit = sso.somebody(groups=["ops"]), visitor(on=sso.stack, scripts=False)

    come_in(visit, name)

    visit.see(f"{name}@example.org")


def test_somebody_without_a_password_makes_a_token_after_a_fresh_sign_in(sso: Sso, visitor: Visitor) -> None:
    name, visit = sso.somebody(groups=["ops"]), visitor(on=sso.stack)
    come_in(visit, name)
    visit.see(f"{name}@example.org")
    sso.stack.sql("UPDATE sessions SET proved_at = NULL")

    visit.open("/account")
    visit.page.get_by_role("link", name="sign in with Acme again").click()
    visit.page.get_by_label("Name").fill(name)
    visit.page.get_by_role("button", name="Sign in").click()
    visit.page.wait_for_url(f"{sso.stack.url}/account")
    visit.page.get_by_label("Name", exact=True).fill("laptop")
    visit.page.get_by_role("button", name="Create a token").click()

    visit.see("Copy it now")


def test_somebody_links_their_account_and_signs_out_of_both(sso: Sso, visitor: Visitor) -> None:
    user, name = sso.stack.user(Role.MEMBER), sso.somebody(groups=["ops"])
    visit = visitor(user, on=sso.stack)

    visit.open("/account/identities")
    visit.page.get_by_role("link", name="Link a sign-in with Acme").click()
    visit.page.get_by_label("Name").fill(name)
    visit.page.get_by_role("button", name="Sign in").click()
    visit.page.get_by_label("Your password").fill(PASSWORD)
    visit.page.get_by_role("button", name="Link it").click()
    visit.see("is linked to your account")
    visit.sign_out()
    visit.page.get_by_role("link", name="Sign in").first.wait_for()
    visit.open("/sign-in/oidc")
    visit.sign_out()
    visit.page.get_by_role("link", name="Sign out of Acme, too").click()
    visit.page.get_by_role("button", name="Yes, sign out").click()

    visit.page.wait_for_url(f"{sso.stack.url}/sign-in*")


@pytest.mark.long
def test_the_pages_are_good_to_look_at(sso: Sso, visitor: Visitor) -> None:
    name, visit = sso.somebody(groups=["ops"]), visitor(on=sso.stack)
    for path in ("/sign-in", "/signed-out", "/sign-in/oidc/callback?state=x"):
        assert_good_to_look_at(visit, path)

    come_in(visit, name)
    visit.page.wait_for_url(f"{sso.stack.url}/dashboard")
    sso.stack.sql("UPDATE sessions SET proved_at = NULL")

    for path in ("/account", "/account/identities"):
        assert_good_to_look_at(visit, path)
