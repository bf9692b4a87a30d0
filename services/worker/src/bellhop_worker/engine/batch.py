"""A batch: the jobs of one message that are claimed. They run one after another, and none waits long behind another."""

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

Settle = Callable[[Sequence[Outcome]], None]
HandBack = Callable[[Sequence[Claimed], UUID | None], None]


class Batch:
    """Runs the jobs in turn. Those that another thread hands back meanwhile are not run any more."""

    def __init__(self, jobs: Sequence[Claimed], settle: Settle, hand_back: HandBack):
        self.outcomes: list[Outcome] = []
        self._settle, self._hand_back = settle, hand_back
        self._waiting = list(jobs)
        self._unsettled: list[Outcome] = []
        self._returned: list[Claimed] = []
        """Those that had no turn and are still claimed."""
        self._turn, self._writing = Lock(), Lock()

    def turns(self) -> Iterator[Claimed]:
        """Yield one job after another, until all have run or the rest is handed back."""
        while job := self._next():
            yield job

    def _next(self) -> Claimed | None:
        with self._turn:
            return self._waiting.pop(0) if self._waiting else None

    def add(self, outcome: Outcome, *, settled: bool) -> None:
        """Note how a run ended, and whether that stands in the ledger."""
        self.outcomes.append(outcome)
        if not settled:
            with self._turn:
                self._unsettled.append(outcome)

    def stop(self) -> None:
        """End the turns: what waits has none any more."""
        with self._turn:
            self._returned += self._waiting
            self._waiting = []

    def relieve(self) -> None:
        """Write what has ended, and hand back what has not begun: for the thread that notices that a job takes long."""
        self.stop()
        try:
            self._write(None)
        except SQLAlchemyError as error:
            log.warning("batch_not_relieved", error=repr(error)[:300])

    def end(self, begun: UUID | None = None) -> int:
        """Write the rest and return how many jobs are handed back; `begun` is one that was broken off."""
        self.stop()
        return self._write(begun)

    def broken_off(self, job: Claimed) -> None:
        """Note that the job that has its turn is to be handed back, with all that wait."""
        with self._turn:
            self._returned.append(job)

    def _write(self, begun: UUID | None) -> int:
        with self._writing:
            if self._unsettled:
                with self._turn:
                    ended = list(self._unsettled)
                self._settle(ended)
                del self._unsettled[: len(ended)]
            returned = list(self._returned)
            if returned:
                self._hand_back(returned, begun)
                del self._returned[: len(returned)]
            return len(returned)
