"""A poll on which two people vote, and which closes itself."""

import math
import time
from typing import Any

from bellhop_demo.client import Bellhop
from bellhop_demo.mailbox import Mailbox
from bellhop_demo.people import join
from bellhop_demo.polling import poll_until
from bellhop_demo.stage import Stage

TITLE = "Where shall we have lunch?"
OPTIONS = ("Noodles", "Soup", "Curry")
OPEN = 5.0
"""Seconds for which the poll is open."""
NOODLES, SOUP = 1, 2
EXPECTED = {"Noodles": 1, "Soup": 1, "Curry": 0}
CONFLICT, GONE = 409, 410


def show_polls(operator: Bellhop, stage: Stage, mailbox: Mailbox) -> list[str]:
    """Let two people vote, one of them twice, and wait for the end."""
    stage.scene(f"A poll that closes itself after {OPEN:.0f} seconds")
    with join(operator.url, mailbox, "ada") as ada, join(operator.url, mailbox, "grace") as grace:
        poll = ada.post("/api/polls", title=TITLE, options=OPTIONS, closes_at=time.time() + OPEN)
        votes = f"/api/polls/{poll['id']}/votes"
        ada.post(votes, option=NOODLES)
        grace.post(votes, option=SOUP)
        twice = grace.refusal(votes, option=NOODLES)
        poll = _closed(operator, stage, poll["id"])
        late = grace.refusal(votes, option=NOODLES)
    faults = _faults(poll, twice, late) + _closing(operator, poll)
    if not faults:
        counts = ", ".join(f"{option['name']} {option['votes']}" for option in poll["options"])
        stage.verdict(f"it closed itself: {counts}", good=True)
        stage.verdict(f"a second vote was refused ({twice}), and one after the end ({late})", good=True)
    return faults


def _closed(operator: Bellhop, stage: Stage, id: str) -> dict[str, Any]:
    with stage.bars() as bars:

        def show(poll: dict[str, Any]) -> None:
            for option in poll["options"]:
                bars.show(
                    option["name"],
                    option["votes"],
                    poll["votes"] or 1,
                    f"{option['votes']} vote{'s' if option['votes'] != 1 else ''}",
                )
            bars.show("seconds", OPEN - math.ceil(min(poll["seconds_left"], OPEN)), OPEN, poll["state"])

        return poll_until(lambda: operator.get(f"/api/polls/{id}"), lambda poll: poll["state"] == "closed", show)


def _faults(poll: dict[str, Any], twice: int, late: int) -> list[str]:
    found = {option["name"]: option["votes"] for option in poll["options"]}
    faults = [] if poll["state"] == "closed" else [f"the poll is still {poll['state']}"]
    if found != EXPECTED:
        faults.append(f"the poll's result is {found}, not {EXPECTED}")
    if (twice, late) != (CONFLICT, GONE):
        faults.append(f"a second vote got {twice}, not {CONFLICT}, and a late one {late}, not {GONE}")
    return faults


def _closing(operator: Bellhop, poll: dict[str, Any]) -> list[str]:
    """Whether its job closed it. The date alone refuses votes, so a missing job would not be noticed otherwise."""

    def states() -> list[str]:
        jobs = operator.get("/api/jobs", task="polls.close", limit=50)["jobs"]
        return [job["state"] for job in jobs if job["args"]["poll_id"] == poll["id"]]

    found = poll_until(states, lambda states: states == ["succeeded"])
    return [] if found == ["succeeded"] else [f"the jobs that close the poll are {found}, not one that succeeded"]
