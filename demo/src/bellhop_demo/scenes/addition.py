"""A slow job with progress, and an API that stays quick meanwhile."""

import time
from typing import Any

from bellhop_demo.client import ENDED, Bellhop
from bellhop_demo.polling import poll_until
from bellhop_demo.probe import Probe
from bellhop_demo.stage import Bars, Stage

TASK = "products.very_slow_add"
QUICK = 0.5
"""Seconds: the middle one of the quick calls must be below it, even on a machine that is busy."""


def show_addition(bellhop: Bellhop, stage: Stage) -> list[str]:
    """Add 5 and 7 slowly, and keep asking quick questions meanwhile."""
    stage.scene("A slow job: 5 + 7 takes three seconds, the API does not")
    with Probe(lambda: bellhop.get("/api/timer")) as probe:
        began = time.perf_counter()
        job_id = bellhop.submit(TASK, a=5, b=7)
        stage.say(f"receipt after {_ms(time.perf_counter() - began)}: job {job_id}")
        with stage.bars() as bars:
            job = poll_until(
                lambda: bellhop.job(job_id), lambda job: job["state"] in ENDED, lambda job: _show(job, bars)
            )
        took = time.perf_counter() - began
    faults = _faults(job, probe)
    if not faults:
        stage.verdict(f"5 + 7 = {job['result']} after {took:.1f} s", good=True)
        times = f"median {_ms(probe.median)}, slowest {_ms(probe.slowest)}"
        stage.verdict(f"{len(probe.seconds)} quick calls meanwhile: {times}", good=True)
    return faults


def _show(job: dict[str, Any], bars: Bars) -> None:
    progress = job["progress"] or {}
    total = progress.get("total") or 1
    done = total if job["state"] in ENDED else progress.get("current") or 0
    bars.show(TASK, done, total, f"{job['state']} {progress.get('message') or ''}".strip())


def _faults(job: dict[str, Any], probe: Probe) -> list[str]:
    faults = []
    if job["state"] != "succeeded":
        faults.append(f"{TASK} is {job['state']}, not succeeded: {job['error']}")
    elif job["result"] != 12:
        faults.append(f"5 + 7 gave {job['result']!r}, not 12")
    if probe.error:
        faults.append(f"a quick call failed meanwhile: {probe.error}")
    elif probe.median >= QUICK:
        faults.append(f"the API was slow meanwhile: half of the calls took more than {_ms(probe.median)}")
    return faults


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
