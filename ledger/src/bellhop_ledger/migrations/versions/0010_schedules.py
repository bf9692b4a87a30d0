"""Schedules that people edit, and their history."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEDULES = """
CREATE TABLE schedules (
    id uuid PRIMARY KEY,
    name varchar NOT NULL,
    source varchar NOT NULL,
    task varchar NOT NULL,
    args jsonb NOT NULL,
    fingerprint varchar NOT NULL,
    crontab varchar,
    interval_seconds integer,
    anchor timestamptz,
    once_at timestamptz,
    time_zone varchar NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    jitter_seconds integer NOT NULL,
    catch_up varchar NOT NULL,
    grace_seconds integer,
    ceiling integer NOT NULL,
    overlap varchar NOT NULL,
    priority smallint NOT NULL,
    note varchar NOT NULL,
    enabled boolean NOT NULL,
    disabled_reason varchar,
    next_due_at timestamptz,
    fire_at timestamptz,
    runs integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by varchar NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT schedules_name_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT schedules_source_check CHECK (source IN ('api','code')),
    CONSTRAINT schedules_rule_check CHECK (num_nonnulls(crontab, interval_seconds, once_at) = 1),
    CONSTRAINT schedules_anchor_check CHECK ((interval_seconds IS NULL) = (anchor IS NULL)),
    CONSTRAINT schedules_interval_seconds_check CHECK (interval_seconds >= 1),
    CONSTRAINT schedules_ends_at_check CHECK (starts_at <= ends_at),
    CONSTRAINT schedules_jitter_seconds_check CHECK (jitter_seconds BETWEEN 0 AND 86400),
    CONSTRAINT schedules_catch_up_check CHECK (catch_up IN ('skip','latest','all')),
    CONSTRAINT schedules_grace_seconds_check CHECK (grace_seconds >= 0),
    CONSTRAINT schedules_ceiling_check CHECK (ceiling BETWEEN 1 AND 1000),
    CONSTRAINT schedules_overlap_check CHECK (overlap IN ('allow','skip','queue')),
    CONSTRAINT schedules_priority_check CHECK (priority BETWEEN 0 AND 9),
    CONSTRAINT schedules_next_due_at_check CHECK ((next_due_at IS NULL) = (fire_at IS NULL)),
    CONSTRAINT schedules_fire_at_check
        CHECK (fire_at IS NULL OR (enabled AND disabled_reason IS NULL AND deleted_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX schedules_name_key ON schedules (name) WHERE deleted_at IS NULL;
CREATE INDEX schedules_fire_idx ON schedules (fire_at) WHERE fire_at IS NOT NULL;
CREATE INDEX schedules_task_idx ON schedules (task, fingerprint);
"""

CHANGES = """
CREATE TABLE schedule_changes (
    id uuid PRIMARY KEY,
    schedule_id uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by varchar NOT NULL,
    action varchar NOT NULL,
    changes jsonb NOT NULL
);
CREATE INDEX schedule_changes_schedule_idx ON schedule_changes (schedule_id, id);
"""

RUNS = """
CREATE TABLE schedule_runs (
    schedule_id uuid NOT NULL
        CONSTRAINT schedule_runs_schedule_id_fkey REFERENCES schedules (id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    outcome varchar NOT NULL,
    is_manual boolean NOT NULL DEFAULT false,
    missed_until timestamptz,
    made_at timestamptz NOT NULL DEFAULT now(),
    job_id uuid,
    state varchar,
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (schedule_id, due_at),
    CONSTRAINT schedule_runs_outcome_check CHECK (outcome IN ('fired','waiting','skipped','missed')),
    CONSTRAINT schedule_runs_job_id_check CHECK ((outcome = 'fired') = (job_id IS NOT NULL)),
    CONSTRAINT schedule_runs_missed_until_check CHECK ((outcome = 'missed') = (missed_until IS NOT NULL)),
    CONSTRAINT schedule_runs_state_check CHECK (state IS NULL OR job_id IS NOT NULL)
);
CREATE INDEX schedule_runs_waiting_idx ON schedule_runs (schedule_id, due_at) WHERE outcome = 'waiting';
"""

# Finds the unfinished runs of one schedule, however many finished ones there are.
UNFINISHED = """
SET LOCAL lock_timeout = '10s';
CREATE INDEX jobs_unfinished_idx ON jobs (schedule)
    WHERE schedule IS NOT NULL AND state IN ('scheduled','queued','running');
"""


def upgrade() -> None:
    for statement in (SCHEDULES, CHANGES, RUNS, UNFINISHED):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX jobs_unfinished_idx")
    for table in ("schedule_runs", "schedule_changes", "schedules"):
        op.drop_table(table)
