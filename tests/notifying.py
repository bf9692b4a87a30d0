"""Rules about notifications in tests, and jobs that end as a test wants."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from bellhop.builtins.notifications import Notification
from bellhop.signature import Signature
from bellhop_ledger.ledger.claim import claim
from bellhop_ledger.ledger.finish import Failure, Outcome, finish
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.mail import Mail
from bellhop_ledger.notifications import rules
from bellhop_ledger.notifications.rules import Wanted
from bellhop_ledger.notifications.tables import Incident
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import autocommit
from bellhop_scheduler.notifications.watching import one_round
from tests.tasks.signatures import noop_leased

FIELDS: dict[str, Any] = {
    **{"kind": "task", "pattern": "test.noop_leased", "failures": 3, "late_seconds": None, "recovered": True},
    **{"channel": "mail", "recipient": "ada@example.org", "url": None, "signing_secret": None},
    **{"quiet_from": None, "quiet_until": None, "time_zone": None},
}
WHY = Failure("PrinterBurns", "in the words of somebody", "")


def make_rule(**fields: Any) -> UUID:
    """Make a rule that tells Ada by mail when the task has failed three times in a row."""
    with transaction() as db:
        return rules.create(db, Wanted(**FIELDS | fields), by="test").id


def end(state: State, *, task: Signature[..., Any] = noop_leased, **more: Any) -> UUID:
    """Let a job of this task end so, by the ledger's own statements."""
    with transaction() as db:
        [job] = submit_all(db, [NewJob(task, {}, **more)], publish=False)
    lease = uuid4()
    with autocommit() as db:
        [claimed] = claim(db, [job.id], worker="w", lease=lease, seconds=15)
    failure = WHY if state is State.FAILED else None
    with transaction() as db:
        finish(db, [Outcome(claimed, state, clock.now(), failure=failure, keep=3600)], worker="w", lease=lease)
    return job.id


def fail(times: int = 1, **more: Any) -> None:
    """Let so many jobs fail."""
    for _ in range(times):
        end(State.FAILED, **more)


def succeed(**more: Any) -> None:
    """Let one succeed."""
    end(State.SUCCEEDED, **more)


def look(now: datetime | None = None) -> list[str]:
    """Let the scheduler look at everything once; return the subjects of all mails so far, the first of them first."""
    for _ in one_round(now):
        pass
    return subjects()


def subjects() -> list[str]:
    """What was sent so far."""
    with transaction() as db:
        return list(db.scalars(select(Mail.subject).order_by(Mail.id)))


def texts() -> list[str]:
    """What stands in all mails so far."""
    with transaction() as db:
        return [mail.letter.text for mail in db.scalars(select(Mail).order_by(Mail.id))]


def incidents() -> list[tuple[str, str]]:
    """What goes on, or waits to be reported: the condition and the name."""
    with transaction() as db:
        return [(one.condition, one.name) for one in db.scalars(select(Incident).order_by(Incident.name))]


def later(**length: float) -> datetime:
    """Return a moment to come."""
    return clock.now() + timedelta(**length)


def notification(**said: Any) -> Notification:
    """Return a notification that says this."""
    return Notification.model_validate(said)
