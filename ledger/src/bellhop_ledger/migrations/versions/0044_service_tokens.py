"""Service tokens and their secrets.

In tables of their own: the release before takes a row of `tokens` without a user for one that may do everything.
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE service_tokens (
            id uuid CONSTRAINT service_tokens_pkey PRIMARY KEY,
            name varchar NOT NULL,
            tasks varchar[] NOT NULL,
            queues varchar[] NOT NULL,
            schedules varchar[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            created_by varchar NOT NULL,
            expires_at timestamptz,
            revoked_at timestamptz,
            CONSTRAINT service_tokens_name_check CHECK (length(name) BETWEEN 1 AND 100)
        )
    """)
    op.execute("CREATE UNIQUE INDEX service_tokens_name_key ON service_tokens (name) WHERE revoked_at IS NULL")
    op.execute("""
        CREATE TABLE service_secrets (
            id uuid CONSTRAINT service_secrets_pkey PRIMARY KEY,
            token_id uuid NOT NULL
                CONSTRAINT service_secrets_token_id_fkey REFERENCES service_tokens (id) ON DELETE CASCADE,
            hash varchar NOT NULL CONSTRAINT service_secrets_hash_key UNIQUE,
            prefix varchar NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            last_used_at timestamptz,
            valid_until timestamptz
        )
    """)
    op.execute("CREATE INDEX service_secrets_token_id_idx ON service_secrets (token_id)")


def downgrade() -> None:
    op.drop_table("service_secrets")
    op.drop_table("service_tokens")
