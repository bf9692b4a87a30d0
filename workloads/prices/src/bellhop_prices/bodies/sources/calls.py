"""A rate limit that all workers share: so many calls in any window of so many seconds."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bellhop_ledger.api import transaction
from bellhop_prices.bodies.sources.source import TooSoon

LONGEST_CALL = 60.0
"""Seconds after which a call of which nothing more was heard, for its worker died, is taken to have ended."""
FIRST_PAUSE, LONGEST_PAUSE = 30, 3600
"""Seconds without calls after a refusal; doubled with each further one."""

LOCK = text("""
    INSERT INTO sources (name) VALUES (:source) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
    RETURNING extract(epoch FROM blocked_until - clock_timestamp())::float8 AS blocked
""")
BEGIN = text("""
    WITH gone AS (
        DELETE FROM source_calls WHERE source = :source AND at <= clock_timestamp() - make_interval(secs => :seconds)
    ), counted AS (
        SELECT at FROM source_calls
        WHERE source = :source AND at > clock_timestamp() - make_interval(secs => :seconds)
        ORDER BY at DESC LIMIT :most
    ), begun AS (
        INSERT INTO source_calls (source, at)
        SELECT :source, clock_timestamp() + make_interval(secs => :longest)
        WHERE (SELECT count(*) FROM counted) < :most
        RETURNING id
    )
    SELECT (SELECT id FROM begun) AS id,
           (SELECT extract(epoch FROM min(at) - clock_timestamp())::float8 FROM counted) + :seconds AS wait
""")
END = text("UPDATE source_calls SET at = clock_timestamp() WHERE id = :id AND at > clock_timestamp()")
ACCEPTED = text("UPDATE sources SET refusals = 0, blocked_until = NULL WHERE name = :source AND refusals > 0")
REFUSED = text("""
    UPDATE sources
    SET refusals = refusals + 1,
        blocked_until = clock_timestamp() + make_interval(secs => least(:first * 2 ^ least(refusals, 20), :longest))
    WHERE name = :source
    RETURNING extract(epoch FROM blocked_until - clock_timestamp())::float8 AS wait
""")


class Calls:
    """Counts the calls of one source in Postgres, so that it holds for all workers and without Redis.

    A call counts from its begin until `seconds` after its end: the source sees it some time in
    between, and counts it from there. So the limit holds at the source however long calls take.
    """

    def __init__(self, source: str, *, most: int, seconds: float):
        self._source, self._most, self._seconds = source, most, seconds

    @contextmanager
    def one(self) -> Iterator[None]:
        """Make one call inside of the block. Raises TooSoon."""
        id = self._begin()
        try:
            yield
        finally:
            with transaction() as db:
                db.execute(END, {"id": id})

    def accepted(self) -> None:
        """Note that the source answers us."""
        with transaction() as db:
            db.execute(ACCEPTED, {"source": self._source})

    def refused(self) -> TooSoon:
        """Note that the source wants to be left alone, and give the error that says for how long."""
        with transaction() as db:
            [row] = db.execute(REFUSED, {"source": self._source, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE})
        return TooSoon(row.wait)

    def _begin(self) -> int:
        limits = {"most": self._most, "seconds": self._seconds, "longest": LONGEST_CALL}
        with transaction() as db:
            [lock] = db.execute(LOCK, {"source": self._source})  # held to the commit: workers count one after another
            if lock.blocked is not None and lock.blocked > 0:
                raise TooSoon(lock.blocked)
            [row] = db.execute(BEGIN, {"source": self._source, **limits})
        if row.id is None:
            raise TooSoon(max(row.wait, 0.05))
        return int(row.id)
