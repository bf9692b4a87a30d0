"""Offering: jobs are sent as one batch; those that cannot be accepted are found, so that the others are.

A refusal comes at once, so its job is found by halves. An answer that does not come takes the whole time-out of the
client: halves would take it as often as a batch can be halved, jobs that are sent one by one take it once.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bellhop_client.errors import NoAnswer, Refused, ServerError
from bellhop_client.outbox.rows import OutboxJob

Send = Callable[[Sequence[OutboxJob]], None]
"""Submits jobs, all or none. Raises what BellhopError there may be."""
NAMED = re.compile(r"jobs\.([0-9]+)(?:\.(.*))?", re.DOTALL)
"""A field of a job in a batch."""
OF_THE_BODY = frozenset({400, 409, 413, 422})
"""Statuses that say that something is wrong with what was sent; the others would refuse any batch."""
MOST_FAILURES = 64
"""Answers of 5xx after which, where nothing was accepted beside them, the fault is not that of some jobs."""
MOST_LOST = 5
"""The same for jobs that alone get no answer, each of which keeps a transaction open for the time-out of the client."""


@dataclass
class Offered:
    """What became of jobs; all that are in none of these are accepted."""

    refused: dict[int, str] = field(default_factory=dict)
    """The reasons, by the numbers of the jobs."""
    failed: dict[int, str] = field(default_factory=dict)
    """Those that alone got 5xx or no answer while others were accepted."""
    left: set[int] = field(default_factory=set)
    """Those that are for the next transaction, because this one has waited for an answer already."""

    def accepted(self, jobs: Iterable[OutboxJob]) -> list[OutboxJob]:
        """Return those of the jobs that were accepted."""
        others = self.refused.keys() | self.failed.keys() | self.left
        return [job for job in jobs if job.number not in others]


def offer(send: Send, jobs: Sequence[OutboxJob], *, split: bool = False) -> Offered:
    """Submit jobs and return what became of them.

    Raises what has nothing to do with any of them. Then some of them may have been accepted, which their keys make
    harmless. With `split` that is a 5xx, or no answer, only where none is accepted; else the first one is.
    """
    offering = Offering(send, split=split)
    offering.offer(jobs)
    if offering.error and not offering.has_accepted:
        raise offering.error
    return offering.offered


def offer_each(send: Send, jobs: Sequence[OutboxJob]) -> Offered:
    """Submit jobs one by one, none of which holds up another, and return what became of them.

    After one that gets no answer, the others are left.
    """
    offered = Offered()
    for place, job in enumerate(jobs, 1):
        try:
            offered.refused |= offer(send, [job]).refused
        except ServerError as error:
            offered.failed[job.number] = str(error)
        except NoAnswer as error:
            offered.failed[job.number] = str(error)
            offered.left = {later.number for later in jobs[place:]}
            break
    return offered


class Offering:
    """Jobs under way, in their order."""

    def __init__(self, send: Send, *, split: bool):
        self._send, self._split = send, split
        self.offered, self.has_accepted, self._failures, self._lost = Offered(), False, 0, 0
        self.error: ServerError | NoAnswer | None = None
        """What became of a job alone."""

    def offer(self, jobs: Sequence[OutboxJob]) -> None:
        """Submit jobs, without those that are named as wrong, and in halves where one is wrong that is not named."""
        while left := [job for job in jobs if job.number not in self.offered.refused]:
            if self._has_waited():
                self.offered.left |= {job.number for job in left}
                return
            try:
                self._send(left)
            except Refused as error:
                if found := named(error, left):
                    self.offered.refused |= found
                    continue
                self._look_closer(left, error)
            except NoAnswer as error:
                self._send_apart(left, error)
            else:
                self.has_accepted = True
            return

    def _has_waited(self) -> bool:
        """Whether it is known already whose fault it is that no answer came: that of some jobs, or of none."""
        return self._lost >= (1 if self.has_accepted else MOST_LOST)

    def _send_apart(self, jobs: Sequence[OutboxJob], error: NoAnswer) -> None:
        """Submit those one by one that together got no answer. Raises it where that is not wanted."""
        if not self._split:
            raise error
        if len(jobs) > 1:
            for job in jobs:
                self.offer([job])
        else:
            self._lost += 1
            self.error, self.offered.failed[jobs[0].number] = error, str(error)

    def _look_closer(self, jobs: Sequence[OutboxJob], error: Refused) -> None:
        if isinstance(error, ServerError):
            self._count(error)
        elif error.status not in OF_THE_BODY:
            raise error
        if len(jobs) > 1:
            middle = len(jobs) // 2
            self.offer(jobs[:middle])
            self.offer(jobs[middle:])
        elif isinstance(error, ServerError):
            self.error, self.offered.failed[jobs[0].number] = error, str(error)
        else:
            self.offered.refused[jobs[0].number] = str(error)

    def _count(self, error: ServerError) -> None:
        self._failures += 1
        if not self._split or (self._failures >= MOST_FAILURES and not self.has_accepted):
            raise error


def named(error: Refused, jobs: Sequence[OutboxJob]) -> dict[int, str]:
    """Return the jobs that a refusal of a batch names, with what is wrong with each, by their numbers."""
    refusals: dict[int, str] = {}
    for name, message in error.errors.items():
        if (found := NAMED.fullmatch(name)) and int(found[1]) < len(jobs):
            number, words = jobs[int(found[1])].number, f"{found[2]}: {message}" if found[2] else message
            refusals[number] = f"{refusals[number]}; {words}" if number in refusals else words
    return refusals
