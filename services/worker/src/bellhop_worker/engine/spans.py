"""Attempts: each run of a job is a step of the trace that its submission belongs to."""

from contextlib import AbstractContextManager
from datetime import timedelta

from bellhop.signature import Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock, tracing
from bellhop_ledger.platform.database import time_of
from bellhop_ledger.platform.tracing import ROOT, Facts, Kind, Span

LONGEST_TRACE = timedelta(hours=1)
"""A run that begins later after the submission begins a trace of its own, linked to that one."""


def attempt(signature: Signature[..., object], job: Claimed) -> AbstractContextManager[Span]:
    """Record the block as an attempt at this job; a quiet one only where somebody's trace has led to it."""
    if not tracing.is_on() or (signature.quiet and not job.trace_context):
        return tracing.NOTHING
    facts: Facts = {
        "messaging.system": "bellhop",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": signature.queue,
        "messaging.message.id": str(job.id),
        "bellhop.task": job.task,
        "bellhop.attempt": job.attempt,
    }
    late = was_long_ago(job)
    parent, link = (ROOT, job.trace_context) if late else (job.trace_context or ROOT, None)
    return tracing.span(f"process {job.task}", Kind.CONSUMER, facts, parent=parent, link=link)


def was_long_ago(job: Claimed) -> bool:
    """Whether it was submitted so long ago that its trace has been looked at and forgotten."""
    submitted = time_of(job.id)
    return submitted is not None and clock.now() - submitted > LONGEST_TRACE


def note(span: Span, outcome: Outcome) -> None:
    """Record how the attempt ended."""
    span.note({"bellhop.state": outcome.state.value})
    if outcome.failure and outcome.state in {State.SCHEDULED, State.FAILED}:
        span.fail(outcome.failure.type)
