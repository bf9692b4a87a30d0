"""Bulk actions: what is done to the jobs that a query has found, when, and how far it has come."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bulk_actions (
            id uuid CONSTRAINT bulk_actions_pkey PRIMARY KEY,
            verb varchar(6) NOT NULL,
            q varchar NOT NULL,
            number integer NOT NULL,
            job_ids uuid[] NOT NULL,
            requested_by varchar NOT NULL,
            request_id varchar,
            idempotency_key varchar,
            request_hash varchar,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            runs_at timestamptz NOT NULL,
            started_at timestamptz,
            handled integer NOT NULL DEFAULT 0,
            changed integer NOT NULL DEFAULT 0,
            finished_at timestamptz,
            error varchar,
            undone_at timestamptz,
            undone_by varchar,
            CONSTRAINT bulk_actions_verb_check CHECK (verb IN ('retry','cancel')),
            CONSTRAINT bulk_actions_number_check CHECK (number BETWEEN 1 AND 10000),
            CONSTRAINT bulk_actions_job_ids_check CHECK (number = cardinality(job_ids)),
            CONSTRAINT bulk_actions_handled_check CHECK (changed BETWEEN 0 AND handled AND handled <= number),
            CONSTRAINT bulk_actions_undone_at_check CHECK (undone_at IS NULL OR started_at IS NULL),
            CONSTRAINT bulk_actions_undone_by_check CHECK ((undone_at IS NULL) = (undone_by IS NULL)),
            CONSTRAINT bulk_actions_idempotency_key_check
                CHECK ((idempotency_key IS NULL) = (request_hash IS NULL))
        )
    """)
    op.execute("""
        CREATE INDEX bulk_actions_due_idx ON bulk_actions (runs_at)
        WHERE finished_at IS NULL AND undone_at IS NULL
    """)
    op.execute("""
        CREATE UNIQUE INDEX bulk_actions_key_idx ON bulk_actions (requested_by, idempotency_key)
        WHERE idempotency_key IS NOT NULL
    """)


def downgrade() -> None:
    op.drop_table("bulk_actions")
