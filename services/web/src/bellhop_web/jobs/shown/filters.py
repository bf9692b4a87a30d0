"""Filters of the templates that show a job."""

from typing import Any

from flask import Blueprint

from bellhop_ledger.ledger.past import AttemptOutcome
from bellhop_ledger.platform.secrets import masked
from bellhop_web.jobs.attempts import KINDS, AttemptView
from bellhop_web.jobs.shown.tracebacks import parts_of
from bellhop_web.site.format import length, pretty


def offer(bp: Blueprint) -> None:
    """Offer templates these filters."""
    for function in (attempt_kind, attempt_took, attempt_waited, shown_args, trace_id):
        bp.add_app_template_filter(function)
    bp.add_app_template_filter(parts_of, "traceback_parts")


def attempt_kind(outcome: AttemptOutcome) -> str:
    """Return the colour of an attempt's outcome."""
    return KINDS[outcome]


def attempt_took(attempt: AttemptView) -> str:
    """Write how long an attempt took that has ended."""
    return length(attempt.finished_at - attempt.started_at) if attempt.finished_at else ""


def attempt_waited(attempt: AttemptView) -> str:
    """Write how long the job had waited in the queue before an attempt, where that is on record."""
    return length(attempt.started_at - attempt.queued_at) if attempt.queued_at else ""


def shown_args(args: dict[str, Any]) -> str:
    """Write the arguments of a job for people; secrets stay masked."""
    return pretty(masked(args))


def trace_id(context: str) -> str:
    """Return the trace of a step: the second part of its `traceparent` (W3C Trace Context)."""
    return context.split("-")[1] if context.count("-") >= 3 else ""
