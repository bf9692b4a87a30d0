"""Why a run that waited was skipped: empty where an earlier one had not ended, and for a release before this one."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE schedule_runs ADD reason varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE schedule_runs DROP reason")
