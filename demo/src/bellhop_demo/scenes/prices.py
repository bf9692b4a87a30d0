"""A game whose price falls, and the one mail about it."""

from typing import Any

from bellhop_demo.client import ENDED, Bellhop
from bellhop_demo.errors import DemoError
from bellhop_demo.feed import NAME, Feed
from bellhop_demo.mailbox import Mailbox
from bellhop_demo.people import Person, join
from bellhop_demo.polling import poll_until
from bellhop_demo.stage import Stage

CURRENCY = "EUR"
BEFORE, THRESHOLD, AFTER = 2999, 2000, 1499
"""Minor units."""


def show_prices(operator: Bellhop, stage: Stage, mailbox: Mailbox, feed: Feed) -> list[str]:
    """Watch a game, lower its price in the feed, and count the mails."""
    stage.scene("A price that falls, and the one mail about it")
    with feed.kept(), join(operator.url, mailbox, "margaret") as watcher:
        game = _offered(operator, stage, feed)
        watch_id = watcher.post("/api/prices/watches", game_id=game["id"], threshold=THRESHOLD)["id"]
        stage.say(f"{watcher.email} wants to be told at {_money(THRESHOLD)} or below")
        try:
            faults = _fall(operator, stage, mailbox, feed, watcher)
        finally:
            watcher.delete(f"/api/prices/watches/{watch_id}")
    if not faults:
        stage.verdict(f"one alert, one mail in {mailbox.name}, and none before the fall or after", good=True)
    return faults


def _offered(operator: Bellhop, stage: Stage, feed: Feed) -> dict[str, Any]:
    """Put the game into the feed, have the catalogue read, and find the game by half of its name."""
    feed.offer(f"{BEFORE / 100:.2f}", CURRENCY)
    refreshed = _run(operator, "prices.refresh_catalogue")
    found = operator.get("/api/prices/games", q=NAME[: len(NAME) // 2])["games"]
    game = next((game for game in found if game["name"] == NAME), None)
    if game is None or game["amount"] != BEFORE:
        raise DemoError(f"{NAME} is in the feed at {_money(BEFORE)}, but the search finds {found}")
    stage.say(f"{refreshed['games']:,} games are in the feed; {NAME} costs {_money(BEFORE)}")
    return dict(game)


def _fall(operator: Bellhop, stage: Stage, mailbox: Mailbox, feed: Feed, watcher: Person) -> list[str]:
    """Check before the price falls, until the alert is there, and once more."""

    def counts() -> tuple[int, int]:
        letters = [letter for letter in mailbox.letters(watcher.email) if NAME in letter.subject]
        return len(watcher.get("/api/prices/alerts")["alerts"]), len(letters)

    def check() -> tuple[int, int]:
        _run(operator, "prices.check_prices")
        return counts()

    early = check()
    feed.offer(f"{AFTER / 100:.2f}", CURRENCY)
    stage.say(f"now it costs {_money(AFTER)} in the feed")
    with stage.bars() as bars:
        # Another check may be at work just then, on the feed as it was: so until the alert is there.
        poll_until(check, lambda found: found[0] > 0, lambda found: bars.show("alert", found[0], 1))
        poll_until(counts, lambda found: found[1] > 0, lambda found: bars.show("mail", found[1], 1))
    late = check()
    faults = [] if early == (0, 0) else [f"before the price fell there were {early} alerts and mails"]
    return faults if late == (1, 1) else [*faults, f"there were {late} alerts and mails of the price, not one of each"]


def _run(operator: Bellhop, task: str) -> dict[str, Any]:
    id = operator.submit(task)
    job = poll_until(lambda: operator.job(id, wait=10), lambda job: job["state"] in ENDED)
    if job["state"] != "succeeded":
        raise DemoError(f"{task} is {job['state']}: {job['error']}")
    return dict(job["result"])


def _money(amount: int) -> str:
    return f"{amount / 100:.2f} {CURRENCY}"
