"""Celery's own beat. Its schedules stand in its configuration."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab, schedule

from bench.peers.entries import ROUTES, YEAR, stored, wanted


def entries() -> dict[str, dict[str, Any]]:
    """Return all of them."""
    yearly = crontab(minute="0", hour="0", day_of_month="1", month_of_year="1")
    waiting = {f"stored-{n}": {"task": "stored", "schedule": yearly} for n in stored()}
    due = {one.name: {"task": one.task, "schedule": schedule(YEAR), "last_run_at": one.last_run} for one in wanted()}
    return waiting | due


app = Celery("beat", broker=os.environ["PLAIN_REDIS_URL"])
app.conf.update(timezone="UTC", beat_schedule=entries(), task_routes=ROUTES)
