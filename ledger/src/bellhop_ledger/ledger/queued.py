"""Queued: the part of a statement by which a job waits in its queue again, so that all of them forget the same."""

from collections.abc import Iterable

from sqlalchemy import RowMapping

from bellhop_ledger.broker.messages import ReadyJob
from bellhop_ledger.ledger.tables import State

UNCLAIMED = "started_at = NULL, worker = NULL"
"""What else is forgotten of a claim that used up no attempt."""

NOT_SILENT = "SET LOCAL idle_in_transaction_session_timeout = '5s';"
"""The beginning of a statement in a transaction of several: a process that is frozen in it must not keep the jobs.

Whoever looks for jobs to give to others passes over rows that are locked.
"""


def queued_again(unless: str = "", *, blocked_by: str = "NULL") -> str:
    """Return the assignments that queue a job `j` without a message and without a lease; its message is sent again.

    `unless` are the WHENs of a CASE, for a statement that gives some of its jobs another state. Where that is
    `blocked`, `blocked_by` is what they wait for.
    """
    state = f"CASE {unless} ELSE 'queued' END" if unless else "'queued'"
    return f"state = {state}, blocked_by = {blocked_by}, published_at = NULL, lease = NULL, lease_expires_at = NULL"


def queued_among(rows: Iterable[RowMapping]) -> list[ReadyJob]:
    """Return the jobs whose messages are to be sent, of rows with READY_JOB_COLUMNS and the state."""
    facts = [dict(row) for row in rows]
    return [ReadyJob(**one) for one in facts if one.pop("state") == State.QUEUED]


FRESH = {
    "state": "'queued'",
    "attempt": "0",
    "run_at": "now()",
    "queued_at": "now()",
    "suspect": "false",
    "tier": "0",
    **{
        name: f"CAST(NULL AS {type})"
        for type, names in {
            "timestamptz": ("published_at", "started_at", "finished_at", "expires_at", "lease_expires_at"),
            "uuid": ("lease",),
            "varchar": ("worker", "reason"),
            "date": ("forget_on",),
        }.items()
        for name in names
    },
    "start_before": "CAST(NULL AS timestamptz)",
}
"""The columns of an ended job that waits in its queue once more, with all its attempts before it."""
