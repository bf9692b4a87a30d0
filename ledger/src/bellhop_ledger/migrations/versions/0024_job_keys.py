"""Idempotency keys in a table of their own: there they stay unique wherever their jobs are kept.

A trigger claims the key of each job that has one, so it holds for the release before as well. Whoever comes second
writes no row, as with ON CONFLICT DO NOTHING.
"""

from alembic import op
from sqlalchemy import text

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE job_keys (
    submitter varchar NOT NULL,
    key varchar NOT NULL,
    job_id uuid NOT NULL,
    CONSTRAINT job_keys_pkey PRIMARY KEY (submitter, key)
);
CREATE INDEX job_keys_job_id_idx ON job_keys (job_id);
"""
CLAIM = """
CREATE FUNCTION claim_job_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.job_keys AS k (submitter, key, job_id) VALUES (NEW.submitter, NEW.idempotency_key, NEW.id)
    ON CONFLICT (submitter, key) DO UPDATE SET job_id = k.job_id WHERE k.job_id = NEW.id;
    IF FOUND THEN RETURN NEW; END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER jobs_claim_key BEFORE INSERT ON jobs FOR EACH ROW
    WHEN (NEW.idempotency_key IS NOT NULL AND NEW.submitter IS NOT NULL) EXECUTE FUNCTION claim_job_key()
"""


def upgrade() -> None:
    op.execute(TABLE)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(CLAIM.format(schema=schema))  # an older release looks for tables elsewhere
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("DROP TRIGGER jobs_claim_key ON jobs")
    op.execute("DROP FUNCTION claim_job_key()")
    op.drop_table("job_keys")
