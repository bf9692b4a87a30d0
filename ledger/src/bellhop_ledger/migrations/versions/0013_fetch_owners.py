"""Whose fetch it is, where the table is one of ours.

A release before this one leaves it empty: then operators alone see the fetch.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UPGRADE = """
DO $$ BEGIN
    IF to_regclass('fetch_pages') IS NOT NULL THEN
        ALTER TABLE fetch_pages
            ADD user_id uuid CONSTRAINT fetch_pages_user_id_fkey REFERENCES users (id) ON DELETE SET NULL;
        CREATE INDEX fetch_pages_user_id_idx ON fetch_pages (user_id, fetch_id);
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("ALTER TABLE IF EXISTS fetch_pages DROP user_id")
