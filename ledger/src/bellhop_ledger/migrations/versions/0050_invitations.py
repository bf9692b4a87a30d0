"""Invitations: who shall make an account, with which role."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE invitations (
            id uuid CONSTRAINT invitations_pkey PRIMARY KEY,
            email varchar NOT NULL CONSTRAINT invitations_email_key UNIQUE,
            role varchar(8) NOT NULL,
            hash varchar NOT NULL CONSTRAINT invitations_hash_key UNIQUE,
            invited_by varchar NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            sent_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            CONSTRAINT invitations_email_check CHECK (email = lower(email) AND email LIKE '_%@_%'),
            CONSTRAINT invitations_role_check CHECK (role IN ('viewer','member','operator','admin'))
        )
    """)


def downgrade() -> None:
    op.drop_table("invitations")
