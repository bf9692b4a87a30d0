"""Schedulers: how soon they are at work, what they take while nothing is due, and how late runs are."""

import compileall
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from bench.lateness import Lateness, watch
from bench.schedulers import BELLHOP, PEERS, TOGETHER, Running, bellhop, peer
from tests.stack import ROOT

START, IDLE, IDLE_ALL = "start s", "idle CPU %", "idle CPU % with the servers"
ALONE, ALONE_SLOWEST = "one due, p50 ms", "one due, slowest ms"
TOGETHER_50, TOGETHER_99 = "many due, p50 ms", "many due, p99 ms"
PATIENCE = 40.0
"""Seconds after its moment for which a run is waited for."""
LONGEST_START = 120.0


def measure(ground: Ground, plan: Plan) -> Figures:
    """Measure each scheduler with each number of schedules."""
    compile_modules()
    figures = Figures(f"Schedulers: N stored, one due at a time, then {TOGETHER:,} of them in the same second")
    for stored in plan.stored:
        measure_one(ground, bellhop(ground, stored), name_of(BELLHOP, stored), plan.seconds, figures)
        for one in PEERS:
            started = peer(ground, one, stored, plan.seconds)
            measure_one(ground, started, name_of(one.name, stored), plan.seconds, figures)
    claim(figures, name_of(BELLHOP, plan.stored[-1]))
    return figures


def compile_modules() -> None:
    """Compile what is imported, as images and pip do: no start is to wait for what another one has compiled."""
    for place in {Path(entry) for entry in sys.path if entry}:
        if place != ROOT and place.is_relative_to(ROOT):
            compileall.compile_dir(place, quiet=2)


def name_of(scheduler: str, stored: int) -> str:
    """Name a scheduler with so many schedules."""
    return f"{scheduler}, {stored:,} stored"


def measure_one(
    ground: Ground, scheduler: AbstractContextManager[Running], name: str, seconds: float, figures: Figures
) -> None:
    """Measure one scheduler from its start on."""
    with scheduler as running:
        if not came_up(ground, running):
            figures.remark(name, START, f"not at work after {time.perf_counter() - ground.began:.0f} s")
            return
        figures.add(name, START, time.perf_counter() - ground.began)
        running.settle()
        idle(ground, running.service, figures, name, seconds)
        for which, units in (("alone", (ALONE, ALONE_SLOWEST)), ("together", (TOGETHER_50, TOGETHER_99))):
            seen = watch(running.client, running.queues[which], running.order(which), PATIENCE)
            note(figures, name, units, seen, slowest=which == "alone")


def came_up(ground: Ground, running: Running) -> bool:
    """Wait until a scheduler has sent the message of the run that was due before it started."""
    child = ground.services[running.service]
    deadline = ground.began + LONGEST_START
    while not running.client.llen(running.queues["canary"]):
        assert child.exit_code is None, ground.log(running.service)
        if time.perf_counter() > deadline:
            return False
        time.sleep(0.01)
    return True


def idle(ground: Ground, service: str, figures: Figures, name: str, seconds: float) -> None:
    """Note how much of a core a service takes while nothing is due, alone and with Postgres and Redis."""
    before, before_all = ground.cpu_seconds(service), ground.cpu_seconds(service, "postgres", "redis")
    time.sleep(seconds)
    figures.add(name, IDLE, 100 * (ground.cpu_seconds(service) - before) / seconds)
    figures.add(name, IDLE_ALL, 100 * (ground.cpu_seconds(service, "postgres", "redis") - before_all) / seconds)


def note(figures: Figures, name: str, units: tuple[str, str], seen: Lateness, *, slowest: bool) -> None:
    """Note the middle and the worst, or that not all came in time."""
    if not seen.complete:
        figures.remark(name, units[1], seen.remark)
        return
    figures.add(name, units[0], seen.median)
    figures.add(name, units[1], seen.slowest if slowest else seen.p99)


def claim(figures: Figures, name: str) -> None:
    """Hold Bellhop's figures with the most schedules against the aims."""
    for unit, aim in ((START, 3.0), (IDLE, 1.0), (ALONE_SLOWEST, 50.0), (TOGETHER_99, 250.0)):
        what, _, short = unit.rpartition(" ")
        figures.claims.append(Claim(f"{name}: {what}", figures.median(name, unit), short, at_most=aim))
