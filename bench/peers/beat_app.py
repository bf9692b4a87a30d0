"""Plain Celery's beat with as many entries as Bellhop has schedules; all but some are due in a year only."""

import os
import time
from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from celery.schedules import BaseSchedule, crontab, schedstate

STORED, DUE = int(os.environ["BENCH_STORED"]), int(os.environ["BENCH_DUE"])
AT = float(os.environ["BENCH_AT"])
"""When those are due (Unix seconds)."""


class At(BaseSchedule):  # type: ignore[misc]
    """Due once, at a moment that all of them share."""

    def is_due(self, last_run_at: datetime) -> schedstate:
        now = time.time()
        if last_run_at.timestamp() < AT <= now:
            return schedstate(True, 3600.0)
        return schedstate(False, AT - now if now < AT else 3600.0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, At)

    def __hash__(self) -> int:
        return 0


def entries() -> dict[str, dict[str, Any]]:
    yearly = crontab(minute="0", hour="0", day_of_month="1", month_of_year="1")
    stored = {f"stored-{n}": {"task": "noop", "schedule": yearly} for n in range(STORED - DUE)}
    due = {f"due-{n}": {"task": "noop", "schedule": At()} for n in range(DUE)}
    return stored | due | {"canary": {"task": "canary", "schedule": timedelta(seconds=1)}}


app = Celery("beat", broker=os.environ["PLAIN_REDIS_URL"])
app.conf.update(timezone="UTC", beat_schedule=entries(), task_routes={"canary": {"queue": "canary"}})
