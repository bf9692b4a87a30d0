"""A submission that brings its own id is refused also when its job has ended.

The trigger that claims a job's key lets the same job through, since one that is retried is inserted again among the
unfinished. So it let through a second message of a Celery client, whose id is its key, once the job of the first one
had been filed away: it ran twice. Now what is inserted there must not be anywhere else.
"""

from alembic import op
from sqlalchemy import text

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

# The claim of the key waits for a retry of the same job, and what follows sees what that one did. It need not wait for
# the end of the job: a snapshot shows the job before it or after it. A row of keys whose xmax is 0 is a new one.
CLAIM = """
CREATE OR REPLACE FUNCTION claim_job_key() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_first boolean;
BEGIN
    INSERT INTO {schema}.job_keys AS k (submitter, key, job_id) VALUES (NEW.submitter, NEW.idempotency_key, NEW.id)
    ON CONFLICT (submitter, key) DO UPDATE SET job_id = k.job_id WHERE k.job_id = NEW.id
    RETURNING xmax = 0 INTO is_first;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF NOT is_first AND NEW.tier = 0 AND EXISTS (SELECT FROM {schema}.jobs WHERE id = NEW.id) THEN RETURN NULL; END IF;
    RETURN NEW;
END $$
"""
FORMER = """
CREATE OR REPLACE FUNCTION claim_job_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {schema}.job_keys AS k (submitter, key, job_id) VALUES (NEW.submitter, NEW.idempotency_key, NEW.id)
    ON CONFLICT (submitter, key) DO UPDATE SET job_id = k.job_id WHERE k.job_id = NEW.id;
    IF FOUND THEN RETURN NEW; END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    _replace(CLAIM)


def downgrade() -> None:
    _replace(FORMER)


def _replace(function: str) -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(function.format(schema=schema))
