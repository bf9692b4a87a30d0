"""Turns: of the jobs that plain users ask for, only so many are announced that others find free processes.

A process runs what Redis hands out, so what may not run yet has no message. Nothing is held and nothing is counted:
whoever asks works out again who is next, and two that ask at once find the same jobs.
"""

from sqlalchemy import text

from bellhop_ledger.broker.messages import READY_JOB_COLUMNS, ReadyJob
from bellhop_ledger.ledger.heartbeats import LATE
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

# Half of the processes of a worker that serves other queues as well, but one at least. Of those who wait, the one goes
# first who has the fewest jobs in hand; among equals chance decides, by dice that fall alike for a second.
NEXT = text(f"""
    WITH room AS (
        SELECT greatest(sum(CASE WHEN queues = '{PEOPLE}' THEN processes ELSE processes / 2 END), 1) AS most
        FROM heartbeats
        WHERE service = 'worker' AND seen_at > now() - make_interval(secs => :late) AND draining_since IS NULL
          AND '{PEOPLE}' = ANY(regexp_split_to_array(queues, '\\s*,\\s*'))
    ), running AS (
        SELECT user_id, count(*) AS jobs FROM unfinished_jobs
        WHERE state = 'running' AND queue = '{PEOPLE}' GROUP BY user_id
    ), waiting AS (
        SELECT j.*, coalesce(r.jobs, 0) + row_number() OVER (
            PARTITION BY j.user_id ORDER BY j.published_at IS NULL, j.priority DESC, j.id) AS place
        FROM unfinished_jobs j LEFT JOIN running r ON r.user_id IS NOT DISTINCT FROM j.user_id
        WHERE j.state = 'queued' AND j.queue = '{PEOPLE}'
    ), chosen AS (
        SELECT * FROM waiting
        ORDER BY published_at IS NULL, place,
                 hashtextextended(user_id::text, CAST(extract(epoch FROM now()) AS bigint)), id
        LIMIT greatest((SELECT most FROM room) - (SELECT coalesce(sum(jobs), 0) FROM running), 0)
    )
    SELECT {READY_JOB_COLUMNS} FROM chosen j WHERE j.published_at IS NULL
""")


def next_turns(db: Database) -> list[ReadyJob]:
    """Return the jobs of people whose turn it is and whose message is to be sent."""
    return [ReadyJob(**row._asdict()) for row in run(db, NEXT, late=LATE)]
