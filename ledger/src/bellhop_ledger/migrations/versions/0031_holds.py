"""Holds, and the jobs that wait for their end: a state of its own, and what each of them is blocked by.

Only unfinished jobs can be blocked, so the check of the state moves to their table: no table of ended jobs is read. It
follows for those from `finished_at`. The indexes of what has not ended hold for the release before as well, for each
covers more states than that one asks for.
"""

from alembic import op
from sqlalchemy import text

from bellhop_ledger.migrations.session import lock_tables

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE holds (
    kind varchar(5) NOT NULL,
    name varchar NOT NULL,
    reason varchar NOT NULL,
    held_by varchar NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz,
    CONSTRAINT holds_pkey PRIMARY KEY (kind, name),
    CONSTRAINT holds_kind_check CHECK (kind IN ('queue','task','host'))
)
"""
FUNCTIONS = """
CREATE FUNCTION something_is_held() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM {schema}.holds);
END $$;
CREATE FUNCTION hold_of(queue text, task text, limit_key text) RETURNS text LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT min(h.kind || ':' || h.name) FROM {schema}.holds h
            WHERE (h.until IS NULL OR h.until > now())
              AND h.kind || ':' || h.name IN ('queue:' || queue, 'task:' || task, limit_key));
END $$;
"""
COLUMNS = """
ALTER TABLE jobs ADD blocked_by varchar, ADD limit_key varchar, DROP CONSTRAINT jobs_state_check;
ALTER TABLE unfinished_jobs
    ADD CONSTRAINT unfinished_jobs_state_check
    CHECK (state IN ('blocked','scheduled','queued','running','succeeded','failed','cancelled')) NOT VALID,
    ADD CONSTRAINT unfinished_jobs_blocked_by_check CHECK ((state = 'blocked') = (blocked_by IS NOT NULL)) NOT VALID;
CREATE INDEX jobs_blocked_idx ON unfinished_jobs (blocked_by, priority DESC, id) WHERE state = 'blocked';
"""
DOWN = """
UPDATE unfinished_jobs SET state = 'queued', blocked_by = NULL WHERE state = 'blocked';
DROP INDEX jobs_blocked_idx;
ALTER TABLE unfinished_jobs DROP CONSTRAINT unfinished_jobs_state_check,
    DROP CONSTRAINT unfinished_jobs_blocked_by_check;
ALTER TABLE jobs DROP blocked_by, DROP limit_key, ADD CONSTRAINT jobs_state_check
    CHECK (state IN ('scheduled','queued','running','succeeded','failed','cancelled'));
DROP FUNCTION hold_of(text, text, text), something_is_held();
DROP TABLE holds;
"""


def upgrade() -> None:
    op.execute(TABLE)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(FUNCTIONS.format(schema=schema))
    lock_tables(op.get_bind(), ["jobs"])
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute(DOWN)
