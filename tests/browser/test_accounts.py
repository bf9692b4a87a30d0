"""Accounts in a browser: from signing up to the link in the mail, and all their pages to look at."""

import pytest

from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.cast import PASSWORD, address_of
from tests.postbox import Postbox, link_in
from tests.stack import Stack


def test_somebody_signs_up_opens_the_link_in_the_mail_and_is_in(anybody: Visit, postbox: Postbox) -> None:
    email = address_of("ada")
    page = anybody.open("/sign-up")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign up").click()
    anybody.see(email)

    anybody.open(link_in(postbox.first_to(email)))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and sign in").click()

    anybody.see("Your address is confirmed")
    assert page.locator("header").get_by_text(email).count() == 1


def test_who_is_not_signed_in_is_led_to_where_they_wanted_to_go(anybody: Visit, stack: Stack) -> None:
    page = anybody.open("/account")
    page.get_by_label("E-mail address").fill(stack.user().email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/account")
    anybody.sign_out()

    page.get_by_role("link", name="Sign in").wait_for()


@pytest.mark.long
@pytest.mark.parametrize("path", ["/sign-up", "/sign-in?next=/account", "/forgot-password", "/activate?token=x"])
def test_the_pages_for_everybody_are_good_to_look_at(anybody: Visit, path: str) -> None:
    assert_good_to_look_at(anybody, path)


def test_the_account_is_good_to_look_at(signed_in: Visit) -> None:
    assert_good_to_look_at(signed_in, "/account")
    assert_good_to_look_at(signed_in, "/account/password")


def test_the_mails_are_good_to_look_at(operator: Visit) -> None:
    assert_good_to_look_at(operator, "/mails")
