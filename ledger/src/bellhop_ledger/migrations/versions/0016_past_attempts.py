"""What became of a job's earlier attempts, and when the first began: a release before this one leaves both empty."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD first_started_at timestamptz, ADD past_attempts jsonb")
    op.execute("ALTER TABLE schedule_runs ADD first_started_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE schedule_runs DROP first_started_at")
    op.execute("ALTER TABLE jobs DROP first_started_at, DROP past_attempts")
