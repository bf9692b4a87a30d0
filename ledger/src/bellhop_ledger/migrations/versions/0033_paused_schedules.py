"""Why a schedule is paused, by whom, and until when. What the release before pauses has neither."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE schedules ADD pause_reason varchar, ADD paused_by varchar, ADD resume_at timestamptz")
    op.execute("CREATE INDEX schedules_resume_idx ON schedules (resume_at) WHERE resume_at IS NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE schedules DROP pause_reason, DROP paused_by, DROP resume_at")
