"""Maintenance: what each turn of its loop does, and how often."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bellhop_ledger.broker.messages import apart
from bellhop_ledger.ledger import dispatch, heartbeats, sweep
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import autocommit
from bellhop_ledger.schedules import history
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.publish import forget_gone
from bellhop_scheduler.broker import AWAY, Broker
from bellhop_scheduler.bulk_actions import BulkActions
from bellhop_scheduler.cancelling import Cancelling
from bellhop_scheduler.due import NOTHING, look
from bellhop_scheduler.forgetting import Forgetting
from bellhop_scheduler.heartbeat import Heartbeat
from bellhop_scheduler.holding import Holding
from bellhop_scheduler.notifications import Watching
from bellhop_scheduler.recheck import Pass, recheck, renew_plans
from bellhop_scheduler.rounds import DATABASE_AWAY, Fire
from bellhop_scheduler.sending import Sending
from bellhop_scheduler.settings import SchedulerSettings

log = get_logger(__name__)

MOST_AT_ONCE = 1_000
PAUSE_AFTER_WORK = 0.002
"""Seconds after which it looks again when something was due: more may be, or somebody else holds it."""
ROUNDS = 10
"""How often one takes so many before the others have their turn."""
EACH_ANNOUNCED = 0.02
"""Seconds between two looks for announced jobs: the first one hardly waits, and those of many commits go together."""


@dataclass
class Periodic:
    """A function that is called every so many seconds."""

    call: Callable[[], None]
    every: float
    wanted: Callable[[], bool] = lambda: True
    """Whether there is something to do, by one look at what is due."""
    next: float = field(default_factory=time.monotonic)

    def call_if_due(self) -> None:
        """Call it when its time has come."""
        if time.monotonic() >= self.next and self.wanted():
            self.next = time.monotonic() + self.every
            self.call()


class Maintenance:
    """All that the leading scheduler does."""

    def __init__(self, broker: Broker, settings: SchedulerSettings):
        self._broker = broker
        self._fire = Fire(broker)
        self._holding = Holding(broker)
        self._sending = Sending(broker)
        self._heartbeat = Heartbeat()
        self._grace = settings.message_grace_seconds
        self._keep = settings.retention_hours * 3600
        self._lease_seconds = settings.lease_seconds
        self._unknown = settings.unknown_task_hours * 3600
        self._renewing, self._checking = Pass(renew_plans), Pass(recheck)
        self._checked: str | None = None
        """The tasks, by their mark, that all schedules are compared with."""
        self._ahead = NOTHING
        cancelling = Cancelling(self._keep)
        forgetting = Forgetting(self._keep, exports=bool(settings.export_ended_jobs_to), audit_days=settings.audit_days)
        self._take_back_lost = Periodic(self.take_back_lost, every=1)
        self._send_announced = Periodic(
            self._sending.send_announced, EACH_ANNOUNCED, wanted=lambda: self._sending.expects_announced
        )
        self._all = [
            Periodic(self._renewing.go_on, every=0, wanted=lambda: self._renewing.goes_on),
            Periodic(self.check_schedules, every=1),
            Periodic(self._checking.go_on, every=0, wanted=lambda: self._checking.goes_on),
            # Before anything is sent: on a new system nothing is sent twice.
            Periodic(self.notice_emptied_redis, every=1),
            Periodic(self._fire.fire_schedules, every=0, wanted=lambda: self._ahead.fire <= 0 and self._knows_tasks()),
            Periodic(self._fire.release_waiting, every=0, wanted=lambda: self._ahead.waiting and self._has_checked()),
            Periodic(self.enqueue_due, every=0, wanted=lambda: self._ahead.run <= 0),
            self._send_announced,
            Periodic(self._sending.send_unsent, every=0.5, wanted=lambda: self._ahead.unsent),
            Periodic(BulkActions(broker, self._keep).carry_on, every=0, wanted=lambda: self._ahead.bulk <= 0),
            Periodic(self._holding.apply, every=0.2, wanted=lambda: self._ahead.held),
            self._take_back_lost,
            Periodic(cancelling.cancel_expired, every=1),
            Periodic(cancelling.cancel_outside, every=1),
            Periodic(self.send_overtaken_again, every=min(5.0, self._grace / 2)),
            Periodic(self.put_back_stranded, every=5),
            Periodic(Watching().go_on, every=0, wanted=self._knows_tasks),
            Periodic(broker.notice_unserved, every=15),
            Periodic(forgetting.add_days, every=60),
            Periodic(forgetting.file_ended, every=1),
            Periodic(forgetting.prune_kept, every=10),
            Periodic(forgetting.forget_days, every=60),
            Periodic(forgetting.forget_acts, every=600),
            Periodic(forgetting.forget_bulk_actions, every=600),
            Periodic(self.prune_schedules, every=600),
            Periodic(self.fail_unknown, every=60, wanted=self._knows_tasks),
            Periodic(self._heartbeat.beat, every=heartbeats.PERIOD),
            Periodic(self._heartbeat.forget, every=60),
            Periodic(self.forget_gone, every=60),
        ]

    def begin(self) -> None:
        """Begin to lead: check that the stored schedules fit their tasks and zones.

        For as long as a lease, take none back: while the database was away, no worker could keep its own.
        """
        self._take_back_lost.next = time.monotonic() + self._lease_seconds
        self._renewing.begin()
        self._checked = None
        self.expect_announced()  # for before this process led, it listened to nothing

    def expect_announced(self) -> None:
        """Look for jobs of other applications at the next turn, because some may have been announced."""
        self._sending.expects_announced = True

    def _knows_tasks(self) -> bool:
        """Whether there are tasks that a schedule can be compared with; before anything is published there are none."""
        return self._checked is not None

    def _has_checked(self) -> bool:
        """Whether all schedules were compared with the tasks of now; a run that waits has time until then."""
        return self._knows_tasks() and not self._checking.goes_on

    def check_schedules(self) -> None:
        """Begin to disable the schedules that no longer fit their tasks, and to enable others, when tasks change."""
        mark = known_tasks().current().mark
        if mark is not None and mark != self._checked:
            self._checking.begin()
            self._checked = mark

    def do_due(self) -> None:
        """Do what is due.

        What needs Redis while it is away is put off, and a bug in one function stops no other.
        Raises one of DATABASE_AWAY when it is, for then nothing can be done.
        """
        with autocommit() as db:
            self._ahead = look(db)
        for periodic in self._all:
            try:
                periodic.call_if_due()
            except AWAY as error:
                self._broker.rest(error)
            except DATABASE_AWAY:
                raise
            except Exception:
                log.exception("maintenance_failed", call=periodic.call.__name__)

    def enqueue_due(self) -> None:
        """Queue the jobs whose time has come and send their messages."""
        for _ in range(ROUNDS):
            with transaction() as db:
                due, jobs = dispatch.enqueue_due(db, MOST_AT_ONCE)
            self._broker.send([job for job in jobs if job.queue != PEOPLE])
            if due < MOST_AT_ONCE:
                return

    def take_back_lost(self) -> None:
        """Queue the jobs again whose lease has run out."""
        with transaction() as db:
            lost = sweep.lose_expired(db, keep=self._keep)
        for job in lost:
            facts = {"job_id": str(job.id), "task": job.task, "now": job.state, "attempt": job.attempt}
            log.error("lease_expired", **facts, worker=job.worker)

    def notice_emptied_redis(self) -> None:
        """When the marker is gone, so are all messages: send every queued job again."""
        if self._broker.marked():
            return
        with transaction() as db:
            forgotten = sweep.forget_messages(db)
        self._broker.mark()
        if forgotten:
            log.warning("redis_was_empty", jobs=forgotten)
        else:
            log.info("redis_marked")

    def send_overtaken_again(self) -> None:
        """Find single messages that are gone, while later ones of the same queue are not."""
        with transaction() as db:
            waiting = sweep.waiting(db, grace=self._grace)
        for place in waiting:
            queue = apart(place.queue) if place.apart else place.queue
            sent = self._broker.next_sent(queue, place.priority)
            with transaction() as db:
                gone = sweep.send_overtaken_again(db, place, sent=sent, grace=self._grace, most=MOST_AT_ONCE)
            if gone:
                log.warning("messages_were_gone", queue=queue, priority=place.priority, jobs=gone)

    def put_back_stranded(self) -> None:
        """Put back the messages of Celery clients that a worker held when it died."""
        self._broker.put_back_stranded(self._grace)

    def prune_schedules(self) -> None:
        """Delete schedules that were taken out of service, with their history, when the retention of jobs is over."""
        with transaction() as db:
            history.prune_deleted(db, keep=self._keep)

    def fail_unknown(self) -> None:
        """Fail the jobs that wait for a task which no release has known for long."""
        with transaction() as db:
            failed = sweep.fail_unknown(db, list(known_tasks()), after=self._unknown, keep=self._keep)
        for id, task in failed:
            log.error("job_of_unknown_task_failed", job_id=str(id), task=task)

    def leave(self) -> None:
        """Record that this scheduler does not lead any more."""
        self._heartbeat.stop()

    def forget_gone(self) -> None:
        """Forget the tasks that no release knows any more."""
        with transaction() as db:
            forget_gone(db, after=self._unknown)

    def sleep(self, most: float) -> float:
        """Return the seconds until something is due, at most so many."""
        if self._renewing.hurries or self._checking.hurries:
            return PAUSE_AFTER_WORK
        fire = self._ahead.fire if self._knows_tasks() else most
        announced = self._send_announced.next - time.monotonic() if self._sending.expects_announced else most
        return max(min(most, fire, self._ahead.run, self._ahead.bulk, announced), PAUSE_AFTER_WORK)
