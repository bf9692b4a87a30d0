"""Which service token the jobs of a schedule belong to; an earlier release makes them as ever, as nobody's."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

THEIRS = """
UPDATE schedules SET submitter = created_by
WHERE created_by LIKE 'service:%' AND updated_by = created_by AND deleted_at IS NULL
"""


def upgrade() -> None:
    op.execute("ALTER TABLE schedules ADD submitter varchar")
    op.execute(THEIRS)


def downgrade() -> None:
    op.execute("ALTER TABLE schedules DROP submitter")
