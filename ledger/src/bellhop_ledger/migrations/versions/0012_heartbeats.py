"""Which workers and schedulers live, and how many jobs they end a minute."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE heartbeats (
            name varchar CONSTRAINT heartbeats_pkey PRIMARY KEY,
            service varchar(9) NOT NULL,
            queues varchar,
            processes integer,
            busy integer,
            started_at timestamptz NOT NULL DEFAULT now(),
            seen_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT heartbeats_service_check CHECK (service IN ('worker','scheduler'))
        )
    """)
    op.execute("""
        CREATE TABLE job_counts (
            minute timestamptz CONSTRAINT job_counts_pkey PRIMARY KEY,
            succeeded bigint NOT NULL DEFAULT 0,
            failed bigint NOT NULL DEFAULT 0
        )
    """)


def downgrade() -> None:
    op.drop_table("job_counts")
    op.drop_table("heartbeats")
