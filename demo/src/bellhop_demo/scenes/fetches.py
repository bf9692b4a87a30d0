"""Five slow pages fetched side by side."""

import time
from typing import Any

from bellhop_demo.client import Bellhop
from bellhop_demo.pages import PREFIX, length
from bellhop_demo.polling import TIMEOUT, poll_until
from bellhop_demo.stage import Bars, Stage

PAGES = (1.0, 1.5, 2.0, 2.5, 3.0)
"""Seconds that each page takes to answer."""
LEAST_SPEED_UP = 1.2
"""How many times faster than one after the other they are even on a machine that is busy; an idle one reaches three."""


def show_fetches(bellhop: Bellhop, stage: Stage, pages_url: str) -> list[str]:
    """Fetch the pages and compare the time with the sum of theirs."""
    stage.scene("Five slow pages, fetched side by side")
    began = time.perf_counter()
    fetch_id = bellhop.post("/api/fetches", urls=[f"{pages_url}{PREFIX}{seconds}" for seconds in PAGES])["id"]
    with stage.bars() as bars:
        fetch = poll_until(
            lambda: bellhop.get(f"/api/fetches/{fetch_id}"),
            lambda fetch: fetch["state"] == "done",
            lambda fetch: _show(fetch, bars),
        )
    took = time.perf_counter() - began
    faults = _faults(fetch)
    if not faults:
        stage.verdict(f"{took:.1f} s for pages that take {sum(PAGES):.1f} s one after the other", good=True)
        stage.verdict(f"Bellhop's own measure: {fetch['speed_up']:.1f} times as fast", good=True)
    return faults


def _show(fetch: dict[str, Any], bars: Bars) -> None:
    for page in fetch["pages"]:
        bars.show(_name(page), page["status"] is not None, 1, _note(page))


def _name(page: dict[str, Any]) -> str:
    return PREFIX + str(page["url"]).rpartition(PREFIX)[2]


def _note(page: dict[str, Any]) -> str:
    if page["status"] is None:
        return str(page["error"] or page["state"])
    return f"{page['status']}, {page['bytes']} bytes, {page['seconds']:.2f} s"


def _faults(fetch: dict[str, Any]) -> list[str]:
    if fetch["state"] != "done":
        return [f"the pages were not there after {TIMEOUT:.0f} s: the fetch is {fetch['state']}"]
    found = {_name(page): (page["status"], page["bytes"]) for page in fetch["pages"]}
    expected = {f"{PREFIX}{seconds}": (200, length(seconds)) for seconds in PAGES}
    faults = [
        f"{name} gave {found.get(name)}, not {answer} (status, bytes)"
        for name, answer in expected.items()
        if found.get(name) != answer
    ]
    if fetch["speed_up"] is not None and fetch["speed_up"] < LEAST_SPEED_UP:  # it is null when no page has begun
        faults.append(f"five pages side by side were {fetch['speed_up']} times as fast as one after the other")
    return faults
