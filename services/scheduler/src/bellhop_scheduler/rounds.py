"""Fire: the rounds in which due schedules become jobs; one that cannot be fired is set aside, and the others go on."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger.submit import ready_job_of
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger
from bellhop_scheduler import firing, readings
from bellhop_scheduler.broker import Broker, note_sent
from bellhop_scheduler.firing import Fired

log = get_logger(__name__)

FIRED_AT_ONCE = 250
"""The messages of a batch are sent after its commit: the smaller it is, the sooner the first run begins."""
RELEASED_AT_ONCE = 1_000
ROUNDS = 10
"""How many batches are fired before other maintenance has their turn."""
DATABASE_AWAY = (OperationalError, InterfaceError, NoConnection)


class Fire:
    """Makes jobs of what is due. While a batch is written, the messages of the one before it are sent."""

    def __init__(self, broker: Broker):
        self._broker = broker
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="sender")
        self._sending: Future[None] | None = None
        self._sent: list[ReadyJob] = []
        """What the ledger does not know of yet."""

    def fire_schedules(self) -> None:
        """Make jobs of the runs that are due; one that is made already is not made twice.

        Raises one of AWAY when messages could not be sent: their jobs are marked as unsent, and are sent later.
        """
        try:
            for _ in range(ROUNDS):
                if self._fire_batch() < FIRED_AT_ONCE:
                    return
        finally:
            self._finish_sending()

    def _fire_batch(self) -> int:
        try:
            with transaction() as db:
                fired = firing.fire_due(db, FIRED_AT_ONCE)
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("firing_failed")
            self._fire_one_by_one()
            return 0
        self._hand_over(fired)
        return fired.due

    def _fire_one_by_one(self) -> None:
        """Fire the others of a batch in which there is one that cannot be, and set that one aside."""
        with transaction() as db:
            ids = firing.due_ids(db, FIRED_AT_ONCE)
        for id in ids:
            try:
                with transaction() as db:
                    fired = firing.fire_due(db, 1, only=id)
            except DATABASE_AWAY:
                raise
            except Exception as error:
                log.exception("schedule_set_aside", schedule_id=str(id))
                with transaction() as db:
                    firing.set_aside(db, id, cleaned(f"It cannot be fired: {error!r}", 500))
                readings.DISABLED.inc()
            else:
                self._hand_over(fired)

    def _hand_over(self, fired: Fired) -> None:
        """Hand the messages to the other thread, as soon as it has sent those of the previous batch."""
        readings.DISABLED.inc(len(fired.disabled))
        for one in fired.disabled:
            log.error("schedule_disabled", schedule_id=str(one.row.id), task=one.row.task, reason=one.reason)
        self._wait_until_sent()
        if fired.jobs:
            self._sending = self._sender.submit(self._send, [ready_job_of(job) for job in fired.jobs])

    def _send(self, jobs: Sequence[ReadyJob]) -> None:
        self._broker.send_unnoted(jobs)
        self._sent += jobs

    def _wait_until_sent(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.result()

    def _finish_sending(self) -> None:
        """Record what was sent once everything is: workers wait for the messages, and nobody for the record."""
        try:
            self._wait_until_sent()
        finally:
            sent, self._sent = self._sent, []
            if sent:
                note_sent(sent)

    def release_waiting(self) -> None:
        """Make jobs of the runs that waited for the end of an earlier one."""
        with transaction() as db:
            jobs = firing.release_waiting(db, RELEASED_AT_ONCE)
        self._broker.send([ready_job_of(job) for job in jobs])
