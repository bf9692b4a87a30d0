"""HTTP endpoints as tasks, and the jobs whose work goes on at one after it has answered 202.

To the release before, the task of an endpoint is one that its workers do not have, and a job that goes on outside is
one whose lease runs out. Endpoints are a release of their own among those of the workers, which is never the latest and
always alive.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ENDPOINTS = """
CREATE TABLE task_endpoints (
    name varchar NOT NULL,
    url varchar NOT NULL,
    description varchar NOT NULL,
    arguments jsonb NOT NULL,
    secrets varchar[] NOT NULL,
    queue varchar NOT NULL,
    max_attempts smallint NOT NULL,
    timeout double precision NOT NULL,
    heartbeat_timeout double precision NOT NULL,
    completion_timeout double precision NOT NULL,
    headers jsonb NOT NULL,
    signing_secret varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by varchar NOT NULL,
    CONSTRAINT task_endpoints_pkey PRIMARY KEY (name),
    CONSTRAINT task_endpoints_name_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT task_endpoints_max_attempts_check CHECK (max_attempts >= 1),
    CONSTRAINT task_endpoints_timeouts_check CHECK (timeout > 0 AND heartbeat_timeout > 0 AND completion_timeout > 0)
)
"""
OUTSIDE = """
CREATE TABLE outside_jobs (
    job_id uuid NOT NULL,
    lease uuid NOT NULL,
    heartbeat double precision NOT NULL,
    deadline timestamptz NOT NULL,
    CONSTRAINT outside_jobs_pkey PRIMARY KEY (job_id)
)
"""


def upgrade() -> None:
    op.execute(ENDPOINTS)
    op.execute(OUTSIDE)
    op.execute("INSERT INTO job_followers VALUES ('outside_jobs', 'job_id')")


def downgrade() -> None:
    op.execute("DELETE FROM job_followers WHERE table_name = 'outside_jobs'::regclass")
    op.execute("DROP TABLE outside_jobs")
    op.execute("DELETE FROM task_releases WHERE name = 'http-endpoints'")
    op.execute("DROP TABLE task_endpoints")
