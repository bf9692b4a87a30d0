"""Jobs that have been kept for long enough: all of them, at once."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger import forget

KEPT_FOR_LONG_ENOUGH = """
    UPDATE jobs SET tier = 2, forget_on = CAST(now() AT TIME ZONE 'UTC' AS date), expires_at = now() - interval '1 s'
    WHERE finished_at IS NOT NULL
"""


def forget_all(db: Session) -> int:
    """Forget every job that has ended, as if its retention were over; return how many it were."""
    db.execute(text(KEPT_FOR_LONG_ENOUGH))
    return forget.prune_kept(db, most=1_000)
