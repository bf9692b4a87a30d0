"""Queued: the part of a statement by which a job waits in its queue again, so that all of them forget the same."""

UNCLAIMED = "started_at = NULL, worker = NULL"
"""What else is forgotten of a claim that used up no attempt."""


def queued_again(unless: str = "") -> str:
    """Return the assignments that queue a job `j` without a message and without a lease; its message is sent again.

    `unless` are the WHENs of a CASE, for a statement that gives some of its jobs another state.
    """
    state = f"CASE {unless} ELSE 'queued' END" if unless else "'queued'"
    return f"state = {state}, published_at = NULL, lease = NULL, lease_expires_at = NULL"
