"""A task that the scheduler runs every second."""

import time
from itertools import pairwise

from bellhop_demo.client import Bellhop
from bellhop_demo.polling import poll_until
from bellhop_demo.stage import Stage

SECONDS = 5.0
PAUSE = 0.25
FIRST_TICK_TIMEOUT = 15.0
FEWEST = 3
"""Ticks that must be seen in five seconds, even on a machine that is busy."""


def show_timer(bellhop: Bellhop, stage: Stage) -> list[str]:
    """Look at the timer for five seconds."""
    stage.scene("The timer: one tick every second")
    if not _has_started(bellhop):
        return [f"the timer did not tick once in {FIRST_TICK_TIMEOUT:.0f} s: does the scheduler run?"]
    seen = _watch(bellhop, stage)
    faults = _faults(seen)
    if not faults:
        stage.verdict(f"{seen[-1] - seen[0]} ticks in {SECONDS:.0f} s, never backwards", good=True)
    return faults


def _has_started(bellhop: Bellhop) -> bool:
    return poll_until(lambda: int(bellhop.get("/api/timer")["ticks"]), bool, timeout=FIRST_TICK_TIMEOUT) > 0


def _watch(bellhop: Bellhop, stage: Stage) -> list[int]:
    seen: list[int] = []
    deadline = time.monotonic() + SECONDS
    with stage.bars() as bars:
        while not seen or time.monotonic() < deadline:
            timer = bellhop.get("/api/timer")
            seen.append(int(timer["ticks"]))
            clock = f"{timer['minute']:02}:{timer['second']:02}"
            bars.show("timer", min(seen[-1] - seen[0], SECONDS), SECONDS, f"{clock}  tick {seen[-1]}")
            time.sleep(PAUSE)
    return seen


def _faults(seen: list[int]) -> list[str]:
    if any(later < earlier for earlier, later in pairwise(seen)):
        return [f"the timer went backwards: {seen}"]
    if seen[-1] - seen[0] < FEWEST:
        return [f"the timer advanced by {seen[-1] - seen[0]} in {SECONDS:.0f} s, not by {FEWEST} or more"]
    return []
