"""Draining: a worker that was asked to takes no new jobs, ends those that it runs, and stays.

Its heartbeat learns of the wish and raises a flag in the slot table. The main process then asks Redis for no message,
and a message that was on its way by then is given back by the process that gets it. So nothing is held in between.
"""

from collections.abc import Sequence
from uuid import UUID

from celery import bootsteps
from celery.worker.consumer import Consumer

from bellhop_ledger.ledger.finish import Outcome, requeue_unclaimed
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.process import slots

log = get_logger(__name__)


class DrainingStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """The part of a worker's consumer that asks for no message while the worker drains."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Consumer, **options: object):
        self._slots = slots()
        super().__init__(consumer, **options)

    def start(self, consumer: Consumer) -> None:
        """Look at the flag before each message; a new connection has a new channel."""
        consumer.task_consumer.channel.qos.has_room = lambda: not self._slots.flag(slot_table.DRAINING)


def give_back(ids: Sequence[UUID], *, suspect: bool) -> list[Outcome]:
    """Send the jobs of a message again: other workers run them. Nothing has become of them here."""
    with transaction() as db:
        requeue_unclaimed(db, ids, suspect=suspect)
    log.info("jobs_given_back", jobs=len(ids))
    return []
