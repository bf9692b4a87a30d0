"""celery-redbeat: schedules are keys of Redis. `python -m bench.peers.redbeat_app stored|due` stores them."""

import json
import os
import sys
from datetime import UTC, datetime

from celery import Celery
from celery.schedules import crontab, schedule
from redbeat.decoder import RedBeatJSONEncoder
from redbeat.schedulers import RedBeatSchedulerEntry, get_redis

from bench.peers.entries import ROUTES, YEAR, Entry, stored, wanted

app = Celery("redbeat", broker=os.environ["PLAIN_REDIS_URL"])
app.conf.update(
    timezone="UTC",
    task_routes=ROUTES,
    redbeat_redis_url=os.environ["PLAIN_REDIS_URL"],
    beat_max_loop_interval=5,  # as its documentation advises
)
AT_ONCE = 5_000


def store_many() -> None:
    """Store those that are not due; what its save() writes, but in bulk."""
    yearly = crontab(minute="0", hour="0", day_of_month="1", month_of_year="1")
    sample = RedBeatSchedulerEntry("sample", "stored", yearly, app=app, last_run_at=datetime.now(UTC))
    meta, score = json.dumps({"last_run_at": sample.last_run_at}, cls=RedBeatJSONEncoder), sample.score
    common = {"task": "stored", "args": None, "kwargs": None, "options": None, "schedule": yearly, "enabled": True}
    pipe = get_redis(app).pipeline(transaction=False)
    for n in stored():
        key = sample.generate_key(app, f"stored-{n}")
        definition = json.dumps({"name": f"stored-{n}", **common}, cls=RedBeatJSONEncoder)
        pipe.hset(key, mapping={"definition": definition, "meta": meta})
        pipe.zadd(app.redbeat_conf.schedule_key, {key: score})
        if n % AT_ONCE == AT_ONCE - 1:
            pipe.execute()
    pipe.execute()


def store(one: Entry) -> None:
    """Store one that will be due."""
    RedBeatSchedulerEntry(one.name, one.task, schedule(YEAR), app=app, last_run_at=one.last_run).save()


if __name__ == "__main__":
    if sys.argv[1] == "stored":
        store_many()
    else:
        for entry in wanted():
            store(entry)
