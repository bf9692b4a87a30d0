"""Which days of ended jobs were exported before they are forgotten, and which could not be."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE exported_days (
            day date CONSTRAINT exported_days_pkey PRIMARY KEY,
            exported_at timestamptz,
            jobs bigint,
            place varchar,
            failed_at timestamptz,
            error varchar,
            CONSTRAINT exported_days_exported_at_check CHECK (exported_at IS NOT NULL OR failed_at IS NOT NULL)
        )
    """)


def downgrade() -> None:
    op.drop_table("exported_days")
