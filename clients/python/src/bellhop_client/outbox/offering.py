"""Offering: jobs are sent as one batch; those that Bellhop refuses are found, so that the others are accepted."""

import re
from collections.abc import Callable, Sequence

from bellhop_client.errors import Refused
from bellhop_client.outbox.rows import OutboxJob

Send = Callable[[Sequence[OutboxJob]], None]
"""Submits jobs, all or none. Raises what BellhopError there may be."""
NAMED = re.compile(r"jobs\.([0-9]+)(?:\.(.*))?", re.DOTALL)
"""A field of a job in a batch."""
OF_THE_BODY = frozenset({400, 409, 413, 422})
"""Statuses that say that something is wrong with what was sent; the others would refuse any batch."""


def offer(send: Send, jobs: Sequence[OutboxJob]) -> dict[int, str]:
    """Submit jobs and return those that were refused, with the reason, by their numbers; all others are accepted.

    Raises what has nothing to do with any of them. Then some of them may have been accepted, which their keys make
    harmless.
    """
    refusals: dict[int, str] = {}
    while left := [job for job in jobs if job.number not in refusals]:
        try:
            send(left)
        except Refused as error:
            found = named(error, left)
            if not found and error.status not in OF_THE_BODY:
                raise
            if not found and len(left) > 1:
                return refusals | _halves(send, left)
            refusals |= found or {left[0].number: str(error)}
        else:
            break
    return refusals


def _halves(send: Send, jobs: Sequence[OutboxJob]) -> dict[int, str]:
    """Submit jobs that were too much together, or one of which was refused without a word on which one."""
    middle = len(jobs) // 2
    return offer(send, jobs[:middle]) | offer(send, jobs[middle:])


def named(error: Refused, jobs: Sequence[OutboxJob]) -> dict[int, str]:
    """Return the jobs that a refusal of a batch names, with what is wrong with each, by their numbers."""
    refusals: dict[int, str] = {}
    for name, message in error.errors.items():
        if (found := NAMED.fullmatch(name)) and int(found[1]) < len(jobs):
            number, words = jobs[int(found[1])].number, f"{found[2]}: {message}" if found[2] else message
            refusals[number] = f"{refusals[number]}; {words}" if number in refusals else words
    return refusals
