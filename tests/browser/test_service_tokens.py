"""The pages of service tokens: how they look, and what an admin changes there, also without scripts."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from bellhop_ledger.accounts.roles import Role
from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.cast import PASSWORD
from tests.stack import Stack


@pytest.fixture
def place(stack: Stack) -> str:
    """The page of a service token."""
    wanted = {"name": f"looked at {uuid4().hex}", "tasks": ["test.add", "test.f*"], "schedules": ["billing *"]}
    return f"/service-tokens/{stack.http.post('/api/service-tokens', json=wanted).json()['id']}"


def test_the_pages_are_good_to_look_at(visitor: Visitor, stack: Stack, place: str) -> None:
    admin = visitor(stack.user(Role.ADMIN))

    for path in ("/service-tokens", place, f"{place}/change"):
        assert_good_to_look_at(admin, path)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_admin_changes_what_a_token_may_do(visitor: Visitor, stack: Stack, place: str, scripts: bool) -> None:
    page = visitor(stack.user(Role.ADMIN), scripts=scripts).open(place)
    page.get_by_role("link", name="Change what it may do").click()
    expect(page.get_by_label("Tasks")).to_have_value("test.add\ntest.f*")

    page.get_by_label("Tasks").fill("test.noop")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Change").click()

    expect(page.locator(".notice.good", has_text="is changed")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("test.noop")
