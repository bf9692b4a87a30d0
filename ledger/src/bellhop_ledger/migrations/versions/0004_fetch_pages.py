"""The URLs of a fan-out, each with its job."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE fetch_pages (
            fetch_id uuid NOT NULL,
            position integer NOT NULL,
            url varchar NOT NULL,
            job_id uuid NOT NULL CONSTRAINT fetch_pages_job_id_fkey REFERENCES jobs (id) ON DELETE CASCADE,
            CONSTRAINT fetch_pages_pkey PRIMARY KEY (fetch_id, position)
        )
    """)
    op.execute("CREATE INDEX fetch_pages_job_id_idx ON fetch_pages (job_id)")


def downgrade() -> None:
    op.drop_table("fetch_pages")
