"""Prices in the browser: a game found, watched, and its price falling."""

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.postbox import Postbox
from tests.stack import Stack, wait_until
from workloads.prices.tests.feed import check, offer, put


def test_a_watched_price_that_falls_is_one_mail_and_a_step_in_the_chart(
    visitor: Visitor, stack: Stack, postbox: Postbox
) -> None:
    user, (name, game) = stack.user(), offer(stack, 19.99)
    page = visitor(user).open(f"/prices/{game}")
    page.get_by_label("Send me a mail").fill("10")
    page.get_by_role("button", name="Watch", exact=True).click()
    page.get_by_text("You will get a mail").wait_for()

    for price in (9.50, 9.00):
        put(stack, name, price=price)
        check(stack)
    page.get_by_role("cell", name="9.00 EUR").first.wait_for()

    assert "threshold is 10.00" in str(page.locator("#history svg desc").text_content())
    assert postbox.first_to(user.email)["Subject"] == f"Bellhop: {name} costs 9.50 EUR"
    page.reload()
    assert page.get_by_role("region", name="Alerts").locator("tbody tr").count() == 1
    wait_until(lambda: stack.http.get("/api/mails", params={"to": user.email}).json()["mails"][0]["state"] == "sent")
    assert len(stack.http.get("/api/mails", params={"to": user.email}).json()["mails"]) == 1


def test_games_are_found_while_somebody_types(anybody: Visit, stack: Stack) -> None:
    name, _ = offer(stack, 5)
    page = anybody.open("/prices")

    page.get_by_label("Find a game").press_sequentially(name[:14])

    page.get_by_role("link", name=name).first.wait_for()
    assert "q=" in page.url


def test_a_game_is_found_watched_and_left_without_scripts(visitor: Visitor, stack: Stack) -> None:
    user, (name, _) = stack.user(), offer(stack, 5)
    page = visitor(user, scripts=False).open("/prices")

    page.get_by_label("Find a game").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name).first.click()
    page.get_by_label("Send me a mail").fill("4.50")
    page.get_by_role("button", name="Watch", exact=True).click()
    page.get_by_role("button", name="Stop watching").click()

    assert page.get_by_text(f"You no longer watch {name}").is_visible()


def test_a_threshold_that_is_no_price_is_shown_again_with_the_reason(signed_in: Visit, stack: Stack) -> None:
    _, game = offer(stack, 5)
    page = signed_in.open(f"/prices/{game}")

    page.get_by_label("Send me a mail").fill("-1")
    page.get_by_role("button", name="Watch", exact=True).click()

    page.locator("#fault-threshold").wait_for()
    assert page.get_by_label("Send me a mail").input_value() == "-1"


def test_the_pages_of_prices_are_good_to_look_at(visitor: Visitor, stack: Stack) -> None:
    user, (name, game) = stack.user("operator"), offer(stack, 19.99)
    answer = user.http.post("/api/prices/watches", json={"game_id": game, "threshold": 1000})
    assert answer.status_code == 201
    put(stack, name, price=9.50)
    check(stack)

    visit = visitor(user)

    assert_good_to_look_at(visit, f"/prices?q={name}")
    assert_good_to_look_at(visit, f"/prices/{game}")
