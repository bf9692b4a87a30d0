"""Polls' task: what web and worker share of it."""

from uuid import UUID

from bellhop.signature import Mode, Retry, signature


@signature(
    "polls.close",
    mode=Mode.ATOMIC,
    batch=100,
    retry=Retry(attempts=20, first=1, factor=2, longest=60),
    soft_limit=20,
    hard_limit=30,
)
def close(*, poll_id: UUID) -> bool:
    """Close a poll whose date has come; false where there was nothing to do.

    Safe to repeat: a poll that is closed stays as it is, and one whose date was moved stays open.
    """
