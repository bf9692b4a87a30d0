"""What the bodies of jobs log, the newest of it in one row a job; it goes when the job is forgotten."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE job_logs (
            job_id uuid CONSTRAINT job_logs_pkey PRIMARY KEY,
            entries jsonb NOT NULL,
            lines bigint NOT NULL
        )
    """)
    op.execute("INSERT INTO job_followers VALUES ('job_logs', 'job_id')")


def downgrade() -> None:
    op.execute("DELETE FROM job_followers WHERE table_name = 'job_logs'::regclass")
    op.drop_table("job_logs")
