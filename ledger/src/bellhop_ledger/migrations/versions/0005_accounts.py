"""Users, their sessions and their tokens."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE users (
            id uuid CONSTRAINT users_pkey PRIMARY KEY,
            email varchar NOT NULL CONSTRAINT users_email_key UNIQUE,
            password_hash varchar NOT NULL,
            role varchar(8) NOT NULL DEFAULT 'user',
            created_at timestamptz NOT NULL DEFAULT now(),
            activated_at timestamptz,
            disabled_at timestamptz,
            CONSTRAINT users_email_check CHECK (email = lower(email) AND email LIKE '_%@_%'),
            CONSTRAINT users_role_check CHECK (role IN ('user','operator'))
        )
    """)
    op.execute("""
        CREATE TABLE sessions (
            id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            hash varchar NOT NULL CONSTRAINT sessions_hash_key UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now(),
            last_seen_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            agent varchar NOT NULL,
            CONSTRAINT sessions_expires_at_check CHECK (expires_at > created_at)
        )
    """)
    op.execute("CREATE INDEX sessions_user_id_idx ON sessions (user_id)")
    op.execute("CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)")
    op.execute("""
        ALTER TABLE tokens
            ADD user_id uuid CONSTRAINT tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
            ADD scope varchar(5) NOT NULL DEFAULT 'write',
            ADD last_used_at timestamptz,
            ADD expires_at timestamptz,
            ADD CONSTRAINT tokens_scope_check CHECK (scope IN ('read','write')),
            DROP CONSTRAINT tokens_name_key
    """)
    op.execute("CREATE INDEX tokens_user_id_idx ON tokens (user_id)")
    op.execute("CREATE UNIQUE INDEX tokens_name_key ON tokens (name) WHERE user_id IS NULL")


def downgrade() -> None:
    op.execute("DELETE FROM tokens WHERE user_id IS NOT NULL")
    op.execute("DROP INDEX tokens_name_key")
    op.execute("""
        ALTER TABLE tokens
            DROP user_id, DROP scope, DROP last_used_at, DROP expires_at,
            ADD CONSTRAINT tokens_name_key UNIQUE (name)
    """)
    op.drop_table("sessions")
    op.drop_table("users")
