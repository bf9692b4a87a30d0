"""Budgets: a source outside is called so often in any window of so many seconds, by all workers together."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bellhop.errors import BellhopError
from bellhop_ledger.platform.database import Base, Time, transaction

LONGEST_CALL = 60.0
"""Seconds after which a call without an end counts as ended: its worker has died."""
FIRST_PAUSE, LONGEST_PAUSE = 30, 3600
"""Seconds without calls after a refusal; doubled with each further one."""

LOCK = text("""
    INSERT INTO call_budgets (name) VALUES (:name) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name
    RETURNING extract(epoch FROM blocked_until - clock_timestamp())::float8 AS blocked
""")
BEGIN = text("""
    WITH gone AS (
        DELETE FROM budget_calls WHERE budget = :name AND at <= clock_timestamp() - make_interval(secs => :seconds)
    ), counted AS (
        SELECT at FROM budget_calls
        WHERE budget = :name AND at > clock_timestamp() - make_interval(secs => :seconds)
        ORDER BY at DESC LIMIT :most
    ), begun AS (
        INSERT INTO budget_calls (budget, at)
        SELECT :name, clock_timestamp() + make_interval(secs => :longest)
        WHERE (SELECT count(*) FROM counted) < :most
        RETURNING id
    )
    SELECT (SELECT id FROM begun) AS id,
           (SELECT extract(epoch FROM min(at) - clock_timestamp())::float8 FROM counted) + :seconds AS wait
""")
END = text("UPDATE budget_calls SET at = clock_timestamp() WHERE id = :id AND at > clock_timestamp()")
ACCEPTED = text("UPDATE call_budgets SET refusals = 0, blocked_until = NULL WHERE name = :name AND refusals > 0")
REFUSED = text("""
    INSERT INTO call_budgets AS b (name, refusals, blocked_until)
    VALUES (:name, 1, clock_timestamp() + make_interval(secs => :first))
    ON CONFLICT (name) DO UPDATE
    SET refusals = b.refusals + 1,
        blocked_until = clock_timestamp() + make_interval(secs => least(:first * 2 ^ least(b.refusals, 20), :longest))
    RETURNING extract(epoch FROM blocked_until - clock_timestamp())::float8 AS wait
""")


class TooSoon(BellhopError):
    """The source was called often enough; it may be called again after some seconds."""

    def __init__(self, seconds: float):
        super().__init__(f"the source may be asked again in {seconds:.0f} s")
        self.seconds = seconds


class BudgetState(Base):
    """A budget that was used, and whether its source asked us to wait."""

    __tablename__ = "call_budgets"

    name: Mapped[str] = mapped_column(primary_key=True)
    refusals: Mapped[int] = mapped_column(server_default=text("0"))
    blocked_until: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (CheckConstraint("refusals >= 0", name="refusals"),)


class BudgetCall(Base):
    """One call, by the latest moment at which the source may have seen it."""

    __tablename__ = "budget_calls"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    budget: Mapped[str] = mapped_column(ForeignKey("call_budgets.name", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (Index("budget_calls_budget_at_idx", "budget", "at"),)


class CallBudget:
    """Counts calls in Postgres, so that it holds for all workers and without Redis (docs/decisions/0019).

    A call counts from its begin until `seconds` after its end: the source sees it some time in
    between, and counts it from there. So the limit holds at the source however long calls take.
    """

    def __init__(self, name: str, *, most: int, seconds: float):
        self._name, self._most, self._seconds = name, most, seconds

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call inside of the block. Raises TooSoon."""
        id = self._begin()
        try:
            yield
        finally:
            with transaction() as db:
                db.execute(END, {"id": id})

    def accepted(self) -> None:
        """Note that the source answers us, which ends the pauses."""
        with transaction() as db:
            db.execute(ACCEPTED, {"name": self._name})

    def refused(self) -> TooSoon:
        """Note that the source wants to be left alone, and return the error that says for how many seconds."""
        with transaction() as db:
            [row] = db.execute(REFUSED, {"name": self._name, "first": FIRST_PAUSE, "longest": LONGEST_PAUSE})
        return TooSoon(row.wait)

    def _begin(self) -> int:
        limits = {"most": self._most, "seconds": self._seconds, "longest": LONGEST_CALL}
        with transaction() as db:
            [lock] = db.execute(LOCK, {"name": self._name})  # held to the commit: workers count one after another
            if lock.blocked is not None and lock.blocked > 0:
                raise TooSoon(lock.blocked)
            [row] = db.execute(BEGIN, {"name": self._name, **limits})
        if row.id is None:
            raise TooSoon(max(row.wait, 0.05))
        return int(row.id)
