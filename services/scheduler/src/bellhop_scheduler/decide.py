"""Decide: what becomes of a schedule that is due. It reads one row and writes nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bellhop.errors import Refused
from bellhop.overrides import overrides_of
from bellhop_ledger.ledger.submit import NewJob
from bellhop_ledger.schedules import CatchUp, Outcome, Overlap, Timing
from bellhop_ledger.schedules.check import fingerprint, why_unfit_now
from bellhop_ledger.schedules.plan import plan
from bellhop_ledger.schedules.tables import rule_of
from bellhop_ledger.tasks.known import known_tasks


@dataclass
class Decision:
    """What becomes of one due schedule."""

    row: Any
    jobs: list[NewJob] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    next_due: datetime | None = None
    fire_at: datetime | None = None
    reason: str | None = None
    """Why it is disabled."""

    @property
    def added(self) -> int:
        """How many lines it adds to the history."""
        return len(self.jobs) + len(self.notes)

    def note(self, due: datetime, outcome: Outcome, missed_until: datetime | None = None) -> None:
        """Record a run that does not become a job."""
        until = missed_until and missed_until.isoformat()
        self.notes.append(
            {"schedule_id": str(self.row.id), "due_at": due.isoformat(), "outcome": outcome, "missed_until": until}
        )


def decide(row: Any) -> Decision:
    """Return which of its runs become jobs, which do not, and when the next one is."""
    try:
        if row.fingerprint != fingerprint(row.task) and (unfit := why_unfit_now(row.task, row.args)):
            return Decision(row, reason=unfit)
        return _planned(row)
    except Refused as error:  # a crontab or a zone that this release cannot read
        return Decision(row, reason=str(error))


def _planned(row: Any) -> Decision:
    rule = rule_of(row.crontab, row.interval_seconds, row.anchor, row.once_at, row.time_zone)
    timing = Timing(rule, row.starts_at, row.ends_at, row.jitter_seconds, row.id)
    policy = {"catch_up": CatchUp(row.catch_up), "grace": row.grace_seconds, "ceiling": row.ceiling}
    made = plan(timing, row.next_due_at, row.moment, **policy)
    decision = Decision(row, next_due=made.next_due, fire_at=made.next_due and timing.fires_at(made.next_due))
    if made.missed:
        decision.note(made.missed[0], Outcome.MISSED, made.missed[1])
    for due, outcome in zip(made.runs, _outcomes(row, len(made.runs)), strict=True):
        if outcome is Outcome.FIRED:
            decision.jobs.append(job_of(row, due))
        else:
            decision.note(due, outcome)
    return decision


def _outcomes(row: Any, runs: int) -> list[Outcome]:
    """Return what becomes of so many runs by the overlap policy, oldest first; of too many, the newest go on."""
    if row.overlap == Overlap.ALLOW:
        return [Outcome.FIRED] * runs
    begun = 0 if row.busy or row.waiting else min(1, runs)
    queued = min(max(row.ceiling - row.waiting, 0), runs - begun) if row.overlap == Overlap.QUEUE else 0
    return [Outcome.SKIPPED] * (runs - begun - queued) + [Outcome.FIRED] * begun + [Outcome.WAITING] * queued


def job_of(row: Any, due: datetime) -> NewJob:
    """Return the job of a run."""
    facts = {"priority": row.priority, "schedule": str(row.id), "due_at": due, "overrides": overrides_of(row.overrides)}
    return NewJob(known_tasks()[row.task], row.args, due, submitter=row.submitter, **facts)
