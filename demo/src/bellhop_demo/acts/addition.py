"""Act two: a slow job with progress, and an API that stays quick meanwhile."""

import time
from typing import Any

from bellhop_demo.client import ENDED, Bellhop
from bellhop_demo.probe import Probe
from bellhop_demo.stage import Stage

TASK = "products.very_slow_add"
PAUSE = 0.1
TIMEOUT = 60.0
QUICK = 0.5
"""Seconds: the middle one of the quick calls must be below it, even on a machine that is busy."""


def show_addition(bellhop: Bellhop, stage: Stage) -> list[str]:
    """Have 5 and 7 added slowly and keep asking quick questions."""
    stage.title("2. A slow job: 5 + 7 takes three seconds, the API does not")
    with Probe(bellhop.timer) as probe:
        began = time.perf_counter()
        job_id = bellhop.submit(TASK, a=5, b=7)
        stage.say(f"receipt after {_ms(time.perf_counter() - began)}: job {job_id}")
        job = _follow(bellhop, stage, job_id)
        took = time.perf_counter() - began
    faults = _faults(job, probe)
    if not faults:
        stage.verdict(f"5 + 7 = {job['result']} after {took:.1f} s", good=True)
        times = f"median {_ms(probe.median)}, slowest {_ms(probe.slowest)}"
        stage.verdict(f"{len(probe.seconds)} quick calls meanwhile: {times}", good=True)
    return faults


def _follow(bellhop: Bellhop, stage: Stage, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + TIMEOUT
    with stage.bars() as bars:
        while True:
            job = bellhop.job(job_id)
            progress = job["progress"] or {}
            ended = job["state"] in ENDED
            total = progress.get("total") or 1
            done = total if ended else progress.get("current") or 0
            bars.show(TASK, done, total, f"{job['state']} {progress.get('message') or ''}".strip())
            if ended or time.monotonic() >= deadline:
                return job
            time.sleep(PAUSE)


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
