"""Run: a schedule's run that somebody asks for now."""

from sqlalchemy.orm import Session

from bellhop.overrides import overrides_of
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import after_commit
from bellhop_ledger.schedules.check import refuse_unfit
from bellhop_ledger.schedules.edit import now
from bellhop_ledger.schedules.history import trim_changes, trim_runs
from bellhop_ledger.schedules.tables import Outcome, Schedule, ScheduleChange, ScheduleRun
from bellhop_ledger.tasks.known import known_tasks


def run_now(db: Session, schedule: Schedule, *, by: str, request_id: str | None = None, key: str | None = None) -> Job:
    """Make a job of a schedule, beside those that are due, or return the one that was made with this key.

    Raises Unfit.
    """
    refuse_unfit(schedule)
    job = NewJob(
        known_tasks()[schedule.task],
        schedule.args,
        priority=schedule.priority,
        submitter=by,
        idempotency_key=key,
        request_hash=str(schedule.id) if key else None,
        request_id=request_id,
        schedule=str(schedule.id),
        due_at=now(db),
        overrides=overrides_of(schedule.overrides),
    )
    [made] = submit_all(db, [job])
    if made.id != job.id:
        return made
    schedule.runs += 1
    db.add(
        ScheduleRun(schedule_id=schedule.id, due_at=made.due_at, outcome=Outcome.FIRED, is_manual=True, job_id=made.id)
    )
    db.add(ScheduleChange(schedule_id=schedule.id, changed_by=by, action="run", changes={"job_id": str(made.id)}))
    db.flush()
    trim_runs(db, [schedule.id])
    trim_changes(db, [schedule.id])
    after_commit(db, announce_changed, ["schedules", f"schedule:{schedule.id}"])
    return made
