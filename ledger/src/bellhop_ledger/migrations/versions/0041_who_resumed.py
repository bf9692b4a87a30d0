"""Who resumed what was paused, for the events of the jobs that had waited for it."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE holds ADD resumed_by varchar, ADD resumed_in varchar")


def downgrade() -> None:
    op.execute("DELETE FROM holds WHERE resumed_by IS NOT NULL")
    op.execute("ALTER TABLE holds DROP resumed_by, DROP resumed_in")
