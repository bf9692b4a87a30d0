"""Who did what to a job, and in which request."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE job_events (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT job_events_pkey PRIMARY KEY,
            job_id uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            action varchar NOT NULL,
            by varchar NOT NULL,
            request_id varchar,
            details jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT job_events_action_check CHECK (action IN ('retried','cancelled','moved','held','released'))
        )
    """)
    op.execute("CREATE INDEX job_events_job_idx ON job_events (job_id, id)")
    op.execute("INSERT INTO job_followers VALUES ('job_events', 'job_id')")


def downgrade() -> None:
    op.execute("DELETE FROM job_followers WHERE table_name = 'job_events'::regclass")
    op.drop_table("job_events")
