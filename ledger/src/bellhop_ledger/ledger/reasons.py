"""Reasons: what many failures have in common.

The reason of an error is its type and message with everything masked that differs from one job to the next: numbers,
ids, hosts, addresses, quoted values and paths. The function `failure_reason` in Postgres makes it (migration 0052);
`jobs.reason` has its id, so that failures are counted without reading what they say.
"""

REASON = "[0-9a-f]{12}"
"""What the id of a reason looks like."""


def reason_of(error: str) -> str:
    """Return the SQL of the id of the reason of an error, which is SQL itself; NULL where there is none."""
    return f"failure_reason_id({error})"


def words_of(error: str) -> str:
    """Return the SQL of the reason of an error in words, at most 200 characters."""
    return f"failure_reason({error})"


_GROUPED = "SELECT reason, task, queue, limit_key, state, finished_at FROM {} WHERE reason IS NOT NULL"
FAILURES = f"({_GROUPED.format('ended_jobs')} UNION ALL {_GROUPED.format('kept_jobs')}) AS failures"
"""What a statement reads to group ended jobs by their reasons: these columns, and no others, are in one index.

A condition on the tier of `jobs` would have each row fetched.
"""
