"""Who did what to which thing, and from where."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_pkey PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            actor varchar NOT NULL,
            action varchar NOT NULL,
            kind varchar NOT NULL,
            thing varchar,
            address varchar,
            agent varchar,
            request_id varchar,
            details jsonb NOT NULL DEFAULT '{}'::jsonb
        )
    """)
    op.execute("CREATE INDEX audit_at_idx ON audit (at)")
    op.execute("CREATE INDEX audit_actor_idx ON audit (actor, id)")
    op.execute("CREATE INDEX audit_thing_idx ON audit (kind, thing, id)")


def downgrade() -> None:
    op.drop_table("audit")
