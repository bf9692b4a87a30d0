"""The ledger: jobs, and what is said of a job while it runs."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JOBS = """
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    task varchar NOT NULL,
    args jsonb NOT NULL,
    queue varchar NOT NULL,
    priority smallint NOT NULL,
    state varchar(9) NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,
    max_attempts smallint NOT NULL,
    suspect boolean NOT NULL DEFAULT false,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    queued_at timestamptz,
    published_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    worker varchar,
    lease uuid,
    lease_expires_at timestamptz,
    result jsonb,
    error jsonb,
    submitter varchar,
    idempotency_key varchar,
    request_hash varchar,
    request_id varchar,
    schedule varchar,
    due_at timestamptz,
    CONSTRAINT jobs_state_check
        CHECK (state IN ('scheduled','queued','running','succeeded','failed','cancelled')),
    CONSTRAINT jobs_priority_check CHECK (priority BETWEEN 0 AND 9),
    CONSTRAINT jobs_attempt_check CHECK (attempt BETWEEN 0 AND max_attempts),
    CONSTRAINT jobs_lease_check CHECK ((state = 'running') = (lease IS NOT NULL)),
    CONSTRAINT jobs_lease_expires_at_check CHECK ((lease IS NULL) = (lease_expires_at IS NULL)),
    CONSTRAINT jobs_finished_at_check
        CHECK ((state IN ('succeeded','failed','cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_idempotency_key_check CHECK ((idempotency_key IS NULL) = (request_hash IS NULL)),
    CONSTRAINT jobs_due_at_check CHECK ((schedule IS NULL) = (due_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)
"""

INDEXES = """
CREATE INDEX jobs_scheduled_idx ON jobs (run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_queued_idx ON jobs (published_at) WHERE state = 'queued';
CREATE INDEX jobs_running_idx ON jobs (lease_expires_at) WHERE state = 'running';
CREATE INDEX jobs_created_idx ON jobs (created_at, id);
CREATE INDEX jobs_failed_idx ON jobs (created_at, id) WHERE state IN ('failed','cancelled');
CREATE INDEX jobs_expires_idx ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_idempotency_key ON jobs (submitter, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX jobs_schedule_key ON jobs (schedule, due_at) WHERE schedule IS NOT NULL;
"""

LIVE_JOBS = """
CREATE TABLE live_jobs (
    job_id uuid PRIMARY KEY CONSTRAINT live_jobs_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
    current double precision,
    total double precision,
    message varchar,
    cancel_requested_at timestamptz
)
"""


def upgrade() -> None:
    op.execute(JOBS)
    op.execute(INDEXES)
    op.execute(LIVE_JOBS)


def downgrade() -> None:
    op.drop_table("live_jobs")
    op.drop_table("jobs")
