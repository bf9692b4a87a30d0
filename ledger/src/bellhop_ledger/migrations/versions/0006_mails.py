"""Every mail and what became of it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE mails (
            id uuid CONSTRAINT mails_pkey PRIMARY KEY,
            job_id uuid NOT NULL CONSTRAINT mails_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
            recipient varchar NOT NULL,
            message_id varchar NOT NULL CONSTRAINT mails_message_id_key UNIQUE,
            subject varchar NOT NULL,
            paragraphs jsonb NOT NULL,
            link jsonb,
            state varchar(6) NOT NULL DEFAULT 'queued',
            reason varchar,
            created_at timestamptz NOT NULL DEFAULT now(),
            sent_at timestamptz,
            CONSTRAINT mails_state_check CHECK (state IN ('queued','sent','kept','dead')),
            CONSTRAINT mails_sent_at_check CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
            CONSTRAINT mails_reason_check CHECK (state <> 'dead' OR reason IS NOT NULL)
        )
    """)
    op.execute("CREATE INDEX mails_job_id_idx ON mails (job_id)")
    op.execute("CREATE INDEX mails_recipient_idx ON mails (recipient, id)")


def downgrade() -> None:
    op.drop_table("mails")
