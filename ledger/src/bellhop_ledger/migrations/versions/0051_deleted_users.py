"""Accounts that are deleted: the row stays and names nobody. The release before reads it as a disabled one."""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock_tables(op.get_bind(), ["users"])
    op.execute("""
        ALTER TABLE users
            ADD deleted_at timestamptz,
            ADD CONSTRAINT users_deleted_at_check CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)
    """)


def downgrade() -> None:
    lock_tables(op.get_bind(), ["users"])
    op.execute("ALTER TABLE users DROP deleted_at")
