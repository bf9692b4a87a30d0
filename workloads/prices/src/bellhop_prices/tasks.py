"""The prices' tasks: what web and worker share of them."""

from datetime import timedelta

from pydantic import BaseModel

from bellhop.signature import Cron, Every, Retry, signature


class Skips(BaseModel):
    """How many entries of the source could not be used, and what is wrong with the first of them."""

    skipped: int = 0
    skipped_first: list[str] = []


class Refreshed(Skips):
    """What a refresh brought: games that were read, and whether the catalogue's end was reached."""

    games: int
    complete: bool


class Checked(Skips):
    """What a check found: games asked for, prices that changed, alerts, and games still to be asked for."""

    games: int = 0
    changes: int = 0
    alerts: int = 0
    left: int = 0


@signature(
    "prices.refresh_catalogue",
    queue="slow",
    soft_limit=1800,
    hard_limit=1860,
    retry=Retry(first=30),
    schedules=Cron("0 2 * * *"),
)
def refresh_catalogue() -> Refreshed:
    """Read the catalogue of games from its source, page by page, and go on there after an interruption.

    Safe to repeat: a game that is known is only brought up to date.
    """


@signature(
    "prices.check_prices",
    queue="slow",
    soft_limit=300,
    hard_limit=360,
    retry=Retry(attempts=3, first=5),
    schedules=Every(seconds=60),
    keep=timedelta(hours=1),
    quiet=True,
)
def check_prices() -> Checked:
    """Ask for the prices of all watched games that are due, and write to those who wait for one.

    Safe to repeat: each answer, its alerts and their mails are one transaction, and only a change is news.
    """
