"""Bearer tokens of operators, by their hashes."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tokens (
            id uuid PRIMARY KEY,
            name varchar NOT NULL CONSTRAINT tokens_name_key UNIQUE,
            hash varchar NOT NULL CONSTRAINT tokens_hash_key UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now(),
            revoked_at timestamptz
        )
    """)


def downgrade() -> None:
    op.drop_table("tokens")
