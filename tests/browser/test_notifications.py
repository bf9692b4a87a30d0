"""The pages about notifications in a browser: good to look at, and usable without scripts."""

from itertools import count

from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.postbox import Postbox
from tests.stack import Stack, wait_until

numbers = count()


def rule(stack: Stack) -> str:
    """Make a rule, with a URL; gives its path."""
    hook = {"channel": "webhook", "url": "https://a.example/x", "signing_secret": "whsec_c2lnbmluZy1zZXNhbWU="}
    hours = {"quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Europe/Vienna"}
    body = {
        "kind": "queue",
        "name": f"of a browser {next(numbers)}",
        "failures": 3,
        "late_seconds": 60,
        **hook,
        **hours,
    }
    answer = stack.http.post("/api/notifications", json=body)
    assert answer.status_code == 201, answer.text
    return f"/notifications/{answer.json()['id']}"


def test_the_pages_are_good_to_look_at(operator: Visit, stack: Stack) -> None:
    path = rule(stack)

    for one in ("/notifications", path):
        assert_good_to_look_at(operator, one)


def test_a_rule_is_made_tested_and_deleted_without_scripts(visitor: Visitor, stack: Stack, postbox: Postbox) -> None:
    plain = visitor(stack.user("operator"), scripts=False)
    page = plain.open("/notifications")

    page.get_by_label("Name").fill("of a browser")
    page.get_by_label("Failures in a row").fill("3")
    page.get_by_label("Address").fill("browser@example.org")
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Make it").click()
    plain.see("The schedule of a browser is watched.")
    page.get_by_role("button", name="Send a test").click()
    plain.see("A test is on its way")

    wait_until(lambda: postbox.to("browser@example.org"))
    expect(page.get_by_label("Quiet from")).to_have_value("22:00")
    page.get_by_role("button", name="Delete").click()
    plain.see("The schedule of a browser is not watched by this rule any more.")
