"""Queued: the part of a statement by which a job waits in its queue again, so that all of them forget the same."""

UNCLAIMED = "started_at = NULL, worker = NULL"
"""What else is forgotten of a claim that used up no attempt."""


def queued_again(unless: str = "") -> str:
    """Return the assignments that queue a job `j` without a message and without a lease; its message is sent again.

    `unless` are the WHENs of a CASE, for a statement that gives some of its jobs another state.
    """
    state = f"CASE {unless} ELSE 'queued' END" if unless else "'queued'"
    return f"state = {state}, published_at = NULL, lease = NULL, lease_expires_at = NULL"


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
            "varchar": ("worker",),
            "date": ("forget_on",),
        }.items()
        for name in names
    },
    "start_before": "CAST(NULL AS timestamptz)",
}
"""The columns of an ended job that waits in its queue once more, with all its attempts before it."""
