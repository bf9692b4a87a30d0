"""What the processes of a worker do, how much memory they hold, and whether the worker is to take no new jobs."""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE heartbeats
            ADD memory double precision,
            ADD pool jsonb,
            ADD draining_since timestamptz,
            ADD draining_reason varchar,
            ADD draining_by varchar
    """)


def downgrade() -> None:
    op.execute("""
        ALTER TABLE heartbeats
            DROP memory, DROP pool, DROP draining_since, DROP draining_reason, DROP draining_by
    """)
