"""How long something has gone on failing. What is long over is read twice a minute, however often the line is."""

import time
from collections.abc import Sequence, Set
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.reasons import FAILURES

LATELY = timedelta(minutes=15)
"""What has not failed for so long, and is not tried again, fails no more."""
DAY = timedelta(hours=24)
"""How far back it is looked for when it began."""
STEP = 300
"""Seconds: failures are counted in steps of this length."""
KEPT = 30.0
"""Seconds for which the steps before the last quarter of an hour are taken as they were read."""

STEPS = text(f"""
    SELECT task, limit_key, reason, CAST(floor(extract(epoch FROM finished_at) / {STEP}) AS bigint) AS step,
           count(*) AS number, min(finished_at) AS first FROM {FAILURES}
    WHERE finished_at >= :since AND finished_at < :until AND state = 'failed'
      AND reason = ANY(CAST(:reasons AS varchar[]))
    GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC
""")


class History:
    """The failures of a day in steps. On a bad day they are tens of thousands, and all but the latest do not change."""

    def __init__(self) -> None:
        self._reasons: frozenset[str] = frozenset()
        self._older: Sequence[Any] = ()
        self._edge, self._read_at = datetime.min.replace(tzinfo=UTC), -KEPT

    def steps(self, db: Session, now: datetime, reasons: Set[str]) -> list[Any]:
        """Return how many jobs failed of these reasons, by task, limit, reason and step, the latest step first."""
        if not reasons <= self._reasons or time.monotonic() - self._read_at >= KEPT:
            self._read(db, now, frozenset(reasons))
        return [*_steps(db, self._edge, datetime.max.replace(tzinfo=UTC), reasons), *self._older]

    def _read(self, db: Session, now: datetime, reasons: frozenset[str]) -> None:
        at_a_step = (now - LATELY).timestamp() // STEP * STEP
        self._edge = datetime.fromtimestamp(at_a_step, UTC)
        self._older = _steps(db, now - DAY, self._edge, reasons)
        self._reasons, self._read_at = reasons, time.monotonic()


def _steps(db: Session, since: datetime, until: datetime, reasons: Set[str]) -> Sequence[Any]:
    return db.execute(STEPS, {"since": since, "until": until, "reasons": sorted(reasons)}).all()
