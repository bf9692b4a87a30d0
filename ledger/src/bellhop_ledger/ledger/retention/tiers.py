"""Tiers: the tables behind `jobs`, and the SQL by which a row goes from one to another.

`unfinished_jobs` is what the ledger works on. It stays small however long the history is. An ended job moves to the
table of the day on which it is forgotten, which is dropped as a whole, or to `kept_jobs` where that day has no table.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from sqlalchemy import DDL, event

from bellhop_ledger.ledger.reasons import reason_of
from bellhop_ledger.ledger.searched import HAS_ARGS, HAS_WORDS, WORDS
from bellhop_ledger.ledger.tables import Job, Tier

PARTITIONS = """
CREATE TABLE unfinished_jobs PARTITION OF jobs (
    CONSTRAINT unfinished_jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_id_not_null NOT NULL id,
    CONSTRAINT unfinished_jobs_tier_check CHECK (tier = 0),
    CONSTRAINT unfinished_jobs_state_check
        CHECK (state IN ('blocked','scheduled','queued','running','succeeded','failed','cancelled')),
    CONSTRAINT unfinished_jobs_blocked_by_check CHECK ((state = 'blocked') = (blocked_by IS NOT NULL))
) FOR VALUES IN (0) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX jobs_scheduled_idx ON unfinished_jobs (run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_queued_idx ON unfinished_jobs (published_at) WHERE state = 'queued';
CREATE INDEX jobs_waiting_idx ON unfinished_jobs (queue, queued_at) WHERE state = 'queued';
CREATE INDEX jobs_blocked_idx ON unfinished_jobs (blocked_by, priority DESC, id) WHERE state = 'blocked';
CREATE INDEX jobs_running_idx ON unfinished_jobs (lease_expires_at) WHERE state = 'running';
CREATE INDEX jobs_created_idx ON unfinished_jobs (created_at, id);
CREATE INDEX jobs_start_before_idx ON unfinished_jobs (start_before)
    WHERE start_before IS NOT NULL AND state IN ('blocked','scheduled','queued');
CREATE INDEX jobs_ended_idx ON unfinished_jobs (state, finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_retrying_idx ON unfinished_jobs (state, run_at)
    WHERE attempt > 0 AND state IN ('scheduled','queued');
CREATE INDEX jobs_unfinished_idx ON unfinished_jobs (schedule)
    WHERE schedule IS NOT NULL AND state IN ('blocked','scheduled','queued','running');
CREATE INDEX jobs_of_user_idx ON unfinished_jobs (user_id)
    WHERE user_id IS NOT NULL AND state IN ('blocked','scheduled','queued','running');
CREATE INDEX jobs_parent_idx ON unfinished_jobs (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX jobs_tags_idx ON unfinished_jobs USING gin (tags) WHERE tags IS NOT NULL;
CREATE INDEX jobs_reason_idx ON unfinished_jobs (reason, created_at, id) WHERE reason IS NOT NULL;

CREATE TABLE ended_jobs PARTITION OF jobs FOR VALUES IN (1) PARTITION BY RANGE (forget_on);
CREATE TABLE kept_jobs PARTITION OF jobs FOR VALUES IN (2);
CREATE INDEX kept_jobs_forget_idx ON kept_jobs (forget_on);
"""
ENDED_INDEXES = """
ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id, forget_on);
ALTER TABLE {table} ADD CONSTRAINT {table}_finished_check CHECK (finished_at IS NOT NULL);
CREATE INDEX {table}_created_idx ON {table} (created_at, id);
CREATE INDEX {table}_state_idx ON {table} (state, finished_at, id);
CREATE INDEX {table}_task_idx ON {table} (task, created_at, id);
CREATE INDEX {table}_queue_idx ON {table} (queue, created_at, id);
CREATE INDEX {table}_schedule_idx ON {table} (schedule, due_at) WHERE schedule IS NOT NULL;
CREATE INDEX {table}_failed_runs_idx ON {table} (due_at, schedule) WHERE state = 'failed' AND schedule IS NOT NULL;
CREATE INDEX {table}_submitter_idx ON {table} (submitter, created_at, id) WHERE submitter IS NOT NULL;
CREATE INDEX {table}_request_idx ON {table} (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX {table}_parent_idx ON {table} (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX {table}_tags_idx ON {table} USING gin (tags) WHERE tags IS NOT NULL;
CREATE INDEX {table}_expired_idx ON {table} (finished_at, id)
    WHERE state = 'cancelled' AND attempt = 0 AND error ->> 'type' = 'Expired';
CREATE INDEX {table}_failed_idx ON {table} (state, created_at, id) WHERE state IN ('failed','cancelled');
CREATE INDEX {table}_failed_task_idx ON {table} (task, state, created_at, id) WHERE state IN ('failed','cancelled');
CREATE INDEX {table}_failed_queue_idx ON {table} (queue, state, created_at, id) WHERE state IN ('failed','cancelled');
CREATE INDEX {table}_reason_idx ON {table} (reason, created_at, id) WHERE reason IS NOT NULL;
CREATE INDEX {table}_failures_idx ON {table} (finished_at, reason, task, queue, state, limit_key)
    WHERE reason IS NOT NULL;
CREATE INDEX {table}_errors_idx ON {table} (created_at, id) WHERE error IS NOT NULL;
CREATE INDEX {table}_failed_worker_idx ON {table} (worker varchar_pattern_ops, created_at, id)
    WHERE state IN ('failed','cancelled');
"""
"""Whatever a list may ask for is answered from one of these; nearly all are in the order of that list."""
ENDED_INDEXES += f"""
CREATE INDEX {{table}}_words_idx ON {{table}} USING gin (({WORDS})) WHERE {HAS_WORDS};
CREATE INDEX {{table}}_args_idx ON {{table}} USING gin (args jsonb_path_ops) WHERE {HAS_ARGS};
""".replace("'{}'", "'{{}}'")
for statements in (PARTITIONS, *(ENDED_INDEXES.format(table=table) for table in ("ended_jobs", "kept_jobs"))):
    event.listen(Job.__table__, "after_create", DDL(statements.replace("%", "%%")))  # type: ignore[no-untyped-call]

COLUMNS = [column.name for column in Job.__table__.columns]
NAMES = ", ".join(COLUMNS)
BELOW_DAYS = "ended_jobs_"
"""The table of a day is called so, and after it YYYYMMDD."""


def table_of(day: date) -> str:
    """Return the name of the table of the jobs that are forgotten on a day."""
    return f"{BELOW_DAYS}{day:%Y%m%d}"


def row_of(table: str, changes: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the list of a SELECT or RETURNING that gives all columns of a job, some of them as other SQL."""
    return ", ".join(f"{changes[name]} AS {name}" if name in changes else f"{table}.{name}" for name in COLUMNS)


def filed(rows: str) -> str:
    """Return the INSERT that files ended jobs away, all columns of which `rows` gives.

    Each goes where its `expires_at` says: a day has a table if the scheduler has made one ahead.
    """
    return f"""
        INSERT INTO jobs ({NAMES})
        SELECT {row_of("moved", {"tier": _TIER, "forget_on": _DAY, "reason": _REASON})}
        FROM {rows} AS moved
    """


_DAY = "greatest(CAST(moved.expires_at AT TIME ZONE 'UTC' AS date), CAST(now() AT TIME ZONE 'UTC' AS date))"
_TIER = (
    f"CASE WHEN to_regclass('{BELOW_DAYS}' || to_char({_DAY}, 'YYYYMMDD')) IS NULL "
    f"THEN {Tier.KEPT:d} ELSE {Tier.ENDED:d} END"
)
_REASON = f"CASE WHEN moved.state IN ('failed', 'cancelled') THEN {reason_of('moved.error')} END"
