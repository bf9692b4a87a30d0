"""Where a job is kept: among the unfinished ones, by the day on which it is forgotten, or for longer.

No row is written: all that are there are in tier 0. The check becomes the proof that Postgres need not read them when
the table becomes a partition.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE jobs ADD tier smallint NOT NULL DEFAULT 0, ADD forget_on date,
            ADD CONSTRAINT unfinished_jobs_tier_check CHECK (tier = 0) NOT VALID
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE jobs DROP CONSTRAINT unfinished_jobs_tier_check, DROP tier, DROP forget_on")
