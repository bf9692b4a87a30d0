"""Recent: how the latest jobs of schedules, tasks and queues ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.tables import State
from bellhop_ledger.notifications.tables import Watched
from bellhop_ledger.platform.statements import run

CANCELLED = 100
"""So many cancelled jobs among the latest are passed over. Behind more of them nothing is known."""

# Each part stops after a few rows of an index, however many jobs have ended. What ended without a worker stands among
# the unfinished jobs for a moment, and is read by the index of those that ended.
LATEST = """
    WITH unfiled AS MATERIALIZED (
        SELECT id, {column}, {order}, state, error FROM unfinished_jobs
        WHERE finished_at IS NOT NULL AND state IN ('succeeded','failed','cancelled') AND {column} IS NOT NULL)
    SELECT t.thing, l.id, l.state, l.error ->> 'type' AS error
    FROM unnest(CAST(:things AS text[])) AS t(thing), LATERAL (
        SELECT * FROM (
            (SELECT id, {order}, state, error FROM ended_jobs WHERE {column} = t.thing
             ORDER BY {order} DESC LIMIT :most + {cancelled})
            UNION ALL
            (SELECT id, {order}, state, error FROM kept_jobs WHERE {column} = t.thing
             ORDER BY {order} DESC LIMIT :most + {cancelled})
            UNION ALL
            (SELECT id, {order}, state, error FROM unfiled WHERE {column} = t.thing)) AS ended
        WHERE state <> 'cancelled' ORDER BY {order} DESC, id DESC LIMIT :most) AS l
    ORDER BY t.thing, l.{order} DESC, l.id DESC
"""
ORDERS = {Watched.SCHEDULE: "due_at", Watched.TASK: "created_at", Watched.QUEUE: "created_at"}
STATEMENTS: Mapping[Watched, TextClause] = MappingProxyType(
    {kind: text(LATEST.format(column=kind, order=order, cancelled=CANCELLED)) for kind, order in ORDERS.items()}
)


@dataclass(frozen=True)
class Latest:
    """How the latest jobs of one thing ended, the newest first, without those that were cancelled."""

    rows: list[Any]

    @property
    def failed_in_a_row(self) -> int:
        """How many have failed since the last success."""
        return len(list(takewhile(lambda row: row.state == State.FAILED, self.rows)))

    @property
    def error(self) -> str:
        """The type of the latest one's error."""
        return str(self.rows[0].error or "unknown")


def latest(db: Session, kind: Watched, things: Collection[str], most: int) -> dict[str, Latest]:
    """Return how the latest jobs of each of these ended, at most so many: of schedules by their ids."""
    found: dict[str, Latest] = {thing: Latest([]) for thing in things}
    for row in run(db, STATEMENTS[kind], things=list(things), most=most) if things else []:
        found[row.thing].rows.append(row)
    return found
