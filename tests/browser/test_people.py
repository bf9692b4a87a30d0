"""The pages of people in a browser: to look at, and to be invited by."""

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.cast import PASSWORD, address_of
from tests.postbox import Postbox, link_in
from tests.stack import Stack


@pytest.mark.long
def test_the_pages_of_people_are_good_to_look_at(operator: Visit, stack: Stack) -> None:
    stack.http.post("/api/invitations", json={"email": address_of("invited"), "role": "viewer"})

    assert_good_to_look_at(operator, "/people")
    assert_good_to_look_at(operator, f"/people/{stack.user(Role.MEMBER).id}")
    assert_good_to_look_at(operator, f"/people/{stack.user(Role.MEMBER).id}/delete")
    assert_good_to_look_at(operator, "/people/invitations")


@pytest.mark.long
def test_the_pages_of_links_are_good_to_look_at(anybody: Visit, signed_in: Visit) -> None:
    assert_good_to_look_at(anybody, "/invitation?token=x")
    assert_good_to_look_at(anybody, "/confirm-address?token=x")
    for path in ("/account/address", "/account/export", "/account/delete"):
        assert_good_to_look_at(signed_in, path)


def test_somebody_is_invited_and_comes_in(anybody: Visit, stack: Stack, postbox: Postbox) -> None:
    email = address_of("invited")
    stack.http.post("/api/invitations", json={"email": email, "role": "viewer"})

    page = anybody.open(link_in(postbox.first_to(email)))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()

    anybody.see("You have an account now")
    assert page.locator("header").get_by_text(email).count() == 1
