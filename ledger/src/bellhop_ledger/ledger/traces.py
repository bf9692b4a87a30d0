"""Traces: the step that submits jobs, whose context goes into their rows so that each attempt can be its child."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.tracing import ROOT, Facts, Kind

if TYPE_CHECKING:
    from bellhop_ledger.ledger.submit import NewJob

Contexts = Mapping[UUID, str | None]


@contextmanager
def sending(new: Sequence[NewJob]) -> Iterator[Contexts]:
    """Record the block as the submission of these jobs and yield the context for each one's row."""
    with ExitStack() as spans:
        contexts: dict[UUID, str | None] = {}
        for jobs in _groups(new):
            first = jobs[0]
            span = tracing.span(
                f"send {first.signature.name}", Kind.PRODUCER, _facts(jobs), parent=first.trace_context or ROOT
            )
            context = spans.enter_context(span).context
            contexts |= {job.id: context for job in jobs}
        yield contexts


def _groups(new: Sequence[NewJob]) -> Iterator[Sequence[NewJob]]:
    """Yield the jobs that one step submits together. Each that no step submits, a schedule's, begins a trace itself."""
    groups: dict[str, list[NewJob]] = defaultdict(list)
    for job in new:
        if job.trace_context:
            groups[job.trace_context].append(job)
        elif not job.signature.quiet:
            yield [job]
    yield from groups.values()


def _facts(jobs: Sequence[NewJob]) -> Facts:
    first = jobs[0]
    facts: dict[str, str | int] = {
        "messaging.system": "bellhop",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": first.queue,
        "bellhop.task": first.signature.name,
    }
    facts |= {"bellhop.schedule": first.schedule} if first.schedule else {}
    if len(jobs) > 1:
        return facts | {"messaging.batch.message_count": len(jobs)}
    return facts | {"messaging.message.id": str(first.id)}
