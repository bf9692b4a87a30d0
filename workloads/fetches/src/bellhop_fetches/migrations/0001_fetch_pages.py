"""The URLs of a fan-out, each with its job, and whose fetch it is."""

from bellhop_ledger.api import adopt_tables, follow_jobs

revision = "0001"
down_revision = None

CREATE = """
CREATE TABLE fetch_pages (
    fetch_id uuid NOT NULL,
    position integer NOT NULL,
    url varchar NOT NULL,
    job_id uuid NOT NULL,
    user_id uuid CONSTRAINT fetch_pages_user_id_fkey REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fetch_pages_pkey PRIMARY KEY (fetch_id, position)
);
CREATE INDEX fetch_pages_job_id_idx ON fetch_pages (job_id);
CREATE INDEX fetch_pages_user_id_idx ON fetch_pages (user_id, fetch_id);
"""


def upgrade() -> None:
    adopt_tables("fetch_pages", otherwise=CREATE)
    follow_jobs("fetch_pages", "job_id")
