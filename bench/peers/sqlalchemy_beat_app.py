"""sqlalchemy-celery-beat: schedules are rows of Postgres. `python -m bench.peers.sqlalchemy_beat_app stored|due`."""

import os
import sys
from datetime import UTC, datetime

from celery import Celery
from sqlalchemy import insert
from sqlalchemy_celery_beat.models import CrontabSchedule, IntervalSchedule, Period, PeriodicTask
from sqlalchemy_celery_beat.session import SessionManager

from bench.peers.entries import ROUTES, YEAR, stored, wanted

URL, SCHEMA = os.environ["PLAIN_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"), "peer"
app = Celery("sqlalchemy-beat", broker=os.environ["PLAIN_REDIS_URL"])
app.conf.update(timezone="UTC", task_routes=ROUTES, beat_dburi=URL, beat_schema=SCHEMA)


def rows_stored(schedule: CrontabSchedule) -> list[dict[str, object]]:
    """Return those that are not due."""
    now = datetime.now(UTC)
    common = {"task": "stored", "discriminator": schedule.discriminator, "schedule_id": schedule.id}
    return [{"name": f"stored-{n}", "last_run_at": now, "enabled": True, **common} for n in stored()]


def rows_due(schedule: IntervalSchedule) -> list[dict[str, object]]:
    """Return those that will be due."""
    common = {"discriminator": schedule.discriminator, "schedule_id": schedule.id}
    return [
        {"name": one.name, "task": one.task, "last_run_at": one.last_run, "enabled": True, **common} for one in wanted()
    ]


def main(what: str) -> None:
    """Store them."""
    manager = SessionManager()
    engine, made = manager.create_session(URL, schema=SCHEMA)
    manager.prepare_models(engine, schema=SCHEMA)
    with made() as db:
        yearly = CrontabSchedule(minute="0", hour="0", day_of_month="1", month_of_year="1")
        interval = IntervalSchedule(every=YEAR.days, period=Period.DAYS)
        db.add_all([yearly, interval])
        db.flush()
        if rows := rows_stored(yearly) if what == "stored" else rows_due(interval):
            db.execute(insert(PeriodicTask), rows)
        db.commit()


if __name__ == "__main__":
    main(sys.argv[1])
