"""When workers and schedulers started, stopped, fell silent and came back."""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE service_events (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT service_events_pkey PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            kind varchar(7) NOT NULL,
            service varchar(9) NOT NULL,
            name varchar NOT NULL,
            release varchar,
            CONSTRAINT service_events_kind_check CHECK (kind IN ('started','stopped','silent','back')),
            CONSTRAINT service_events_service_check CHECK (service IN ('worker','scheduler'))
        )
    """)
    op.execute("CREATE INDEX service_events_at_idx ON service_events (at)")
    op.execute("ALTER TABLE heartbeats ADD release varchar, ADD silent_since timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE heartbeats DROP release, DROP silent_since")
    op.drop_table("service_events")
