"""Sending: the messages that no other process has sent, and those that no other process will send."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger import dispatch
from bellhop_ledger.ledger.turns import next_turns
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_scheduler import readings
from bellhop_scheduler.broker import Broker

log = get_logger(__name__)

MOST_AT_ONCE = 1_000
ROUNDS = 10
"""How often one takes so many before the others have their turn."""


class Sending:
    """Sends what is queued and unsent. Who is killed in between leaves it so, and what is sent twice does no harm."""

    def __init__(self, broker: Broker):
        self._broker = broker
        self.expects_announced = False
        """Whether jobs may have been announced since the last look for such."""

    def send_unsent(self) -> None:
        """Send the messages that nobody else has sent, and those of people whose turn it is."""
        with transaction() as db:
            turns = next_turns(db)
        self._broker.send(turns)
        for sent in self._send(dispatch.unsent):
            log.info("unsent_jobs_sent", jobs=sent)
            readings.RELAYED.inc(sent)

    def send_announced(self) -> None:
        """Send the messages of the jobs that other applications have written, and do not leave that to the sweep."""
        self.expects_announced = False  # before the look: what is announced meanwhile is looked for again
        self._broker.check()
        for sent in self._send(dispatch.announced):
            readings.ANNOUNCED.inc(sent)

    def _send(self, find: Callable[[Session, int], list[ReadyJob]]) -> Iterator[int]:
        """Send the jobs that are found, some at a time, and yield how many were sent each time."""
        for _ in range(ROUNDS):
            with transaction() as db:
                jobs = find(db, MOST_AT_ONCE)
            self._broker.send(jobs)
            if jobs:
                yield len(jobs)
            if len(jobs) < MOST_AT_ONCE:
                return
