"""Checks of the processes: who lives, what waits, whose clock is wrong, and which release runs."""

from sqlalchemy import extract, func, select, text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.heartbeats import LATE, Heartbeat
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.settings import Settings
from bellhop_web.doctor.findings import FindingView, ok, warning, wrong
from bellhop_web.queues.waiting import waiting_by_queue
from bellhop_web.site.format import plural
from bellhop_web.status.seen import look
from bellhop_web.status.services import services

LONG = 300.0
"""Seconds after which a job that waits for a worker is a backlog."""
ADVICE = {
    "worker": "Start a worker (bellhop-worker), and look at the log of the last one",
    "queue": "Start a worker with this queue in WORKER_QUEUES, or correct the queue of the task",
    "scheduler": "Start a scheduler (bellhop-scheduler), and look at the log of the last one",
    "export": "Look at EXPORT_ENDED_JOBS_TO and at the log of the job; the days are kept until they are exported",
}
FINE = {
    "worker": "A worker has reported lately",
    "queue": "Every queue of a task has a worker",
    "scheduler": "A scheduler has reported lately",
    "export": "No export has failed",
}
RELEASES = text("""
    SELECT name, EXISTS (
        SELECT FROM heartbeats h
        WHERE h.service = 'worker' AND h.release = r.name AND h.seen_at > now() - make_interval(secs => :late)
    ) AS lives
    FROM task_releases r ORDER BY deployed_at DESC
""")


def alarms(db: Session) -> list[FindingView]:
    """Return what the status at the top of every page of an operator says of services and of the export."""
    raised = list(services(db, look(db)))
    found = [wrong(part.kind, f"{part.words}.", ADVICE[part.kind]) for part in raised]
    silent = {str(part.kind) for part in raised}
    if "worker" in silent:
        silent.add("queue")  # nobody serves any
    return [*found, *(ok(check, words) for check, words in FINE.items() if check not in silent)]


def silent_services(db: Session) -> list[FindingView]:
    """Return the services that have ended without a word: one that stops in peace says so."""
    silence = extract("epoch", func.now() - Heartbeat.seen_at)
    rows = db.execute(select(Heartbeat.name, silence.label("seconds")).where(silence > LATE)).all()
    advice = "Where it was killed (memory?) its log or that of the container says so; after an hour it is forgotten"
    found = [warning("dead_service", f"{row.name} has not reported for {row.seconds:.0f} s", advice) for row in rows]
    return found or [ok("dead_service", "No worker or scheduler has fallen silent within the hour")]


def backlog(db: Session) -> list[FindingView]:
    """Return the queues in which a job has waited long."""
    now = clock.now()
    found = []
    for row in waiting_by_queue(db):
        minutes = (now - row.oldest).total_seconds() / 60
        if minutes * 60 > LONG:
            words = f"{plural(row.depth, 'job waits', 'jobs wait')} in {row.queue}, the oldest for {minutes:.0f} min"
            found.append(warning("backlog", words, "Start more workers for this queue, or pause what is less urgent"))
    return found or [ok("backlog", f"No job has waited for a worker for more than {LONG / 60:.0f} min")]


def service_clocks(db: Session) -> list[FindingView]:
    """Return the services whose clock is not the database's."""
    limit = Settings.load().message_grace_seconds
    rows = db.execute(
        select(Heartbeat.name, Heartbeat.clock_offset).where(func.abs(Heartbeat.clock_offset) > limit)
    ).all()
    advice = "Let the machine follow a time server; clocks must agree within MESSAGE_GRACE_SECONDS"
    found = [
        wrong("clock", f"The clock of {name} is {describe_offset(offset)} Postgres'", advice) for name, offset in rows
    ]
    return found or [ok("clock", f"The clocks of all services are within {limit:g} s of Postgres'")]


def describe_offset(seconds: float | None) -> str:
    """Return in words how one clock stands beside another."""
    seconds = seconds or 0.0
    return f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'}"


def releases(db: Session) -> list[FindingView]:
    """Return the releases of workers that run beside the one that was deployed last."""
    rows = db.execute(RELEASES, {"late": LATE}).all()
    if not rows:
        return [
            wrong("release", "No worker has ever published its tasks", "Start a worker, or bellhop-worker --publish")
        ]
    current, *older = rows
    advice = "Where no deployment is under way, replace the workers that were left behind"
    words = "Workers of the release {} still run beside {}, which was deployed last"
    found = [warning("release", words.format(row.name, current.name), advice) for row in older if row.lives]
    return found or [ok("release", f"All workers are of the release {current.name}")]
