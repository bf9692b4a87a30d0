"""Identities at an issuer of OpenID Connect, and sessions that began with one.

Who comes in that way alone has no password. The release before takes an empty one for a password that nothing matches.
"""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

OF_NOBODY = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
"""A hash that no password has."""


def upgrade() -> None:
    lock_tables(op.get_bind(), ["users", "sessions"])
    op.execute("""
        CREATE TABLE identities (
            id uuid CONSTRAINT identities_pkey PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT identities_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            issuer varchar NOT NULL,
            subject varchar NOT NULL,
            name varchar NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            last_used_at timestamptz,
            CONSTRAINT identities_issuer_key UNIQUE (issuer, subject)
        )
    """)
    op.execute("CREATE INDEX identities_user_id_idx ON identities (user_id)")
    op.execute("""
        ALTER TABLE sessions
            ADD identity_id uuid CONSTRAINT sessions_identity_id_fkey REFERENCES identities (id) ON DELETE CASCADE,
            ADD proved_at timestamptz
    """)
    op.execute("CREATE INDEX sessions_identity_id_idx ON sessions (identity_id)")
    op.execute("ALTER TABLE users ALTER password_hash DROP NOT NULL")


def downgrade() -> None:
    lock_tables(op.get_bind(), ["users", "sessions"])
    op.execute(f"UPDATE users SET password_hash = '{OF_NOBODY}' WHERE password_hash IS NULL")
    op.execute("ALTER TABLE users ALTER password_hash SET NOT NULL")
    op.execute("ALTER TABLE sessions DROP identity_id, DROP proved_at")
    op.drop_table("identities")
