"""Jobs that ended apart from those that live: the table becomes the partition of what is unfinished.

`jobs` is all of them, and what the release before reads and writes. Its rows that ended are moved afterwards, in
pieces, by the scheduler. What referred to a job by a foreign key is deleted with it from now on by whoever forgets it.
"""

from alembic import op
from sqlalchemy import text

from bellhop_ledger.migrations.session import lock_tables

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

FOLLOWERS = """
CREATE TABLE job_followers (
    table_name regclass NOT NULL,
    column_name varchar NOT NULL,
    CONSTRAINT job_followers_pkey PRIMARY KEY (table_name, column_name)
)
"""
REFERENCES = text("""
    SELECT k.conrelid::regclass::text AS table, a.attname AS column, quote_ident(k.conname) AS name
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.confrelid = 'jobs'::regclass ORDER BY 1
""")
PARENTS = text("""
    SELECT p.oid::regclass::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhrelid = 'jobs'::regclass
""")
VIEWS = text("""
    SELECT DISTINCT v.oid::regclass::text AS name, array_to_string(v.reloptions, ', ') AS options,
           pg_get_viewdef(v.oid) AS definition
    FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
    WHERE v.relkind = 'v' AND d.refclassid = 'pg_class'::regclass AND d.refobjid = 'jobs'::regclass
      AND v.reloptions IS NOT NULL
""")
UNNEEDED = "DROP INDEX jobs_failed_idx, jobs_expires_idx, jobs_idempotency_key, jobs_schedule_key"
SWAP = """
ALTER TABLE jobs RENAME TO unfinished_jobs;
ALTER TABLE unfinished_jobs RENAME CONSTRAINT jobs_pkey TO unfinished_jobs_pkey;
CREATE TABLE jobs (LIKE unfinished_jobs INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY LIST (tier);
ALTER TABLE jobs DROP CONSTRAINT unfinished_jobs_tier_check;
ALTER TABLE jobs ATTACH PARTITION unfinished_jobs FOR VALUES IN (0);
CREATE TABLE ended_jobs PARTITION OF jobs FOR VALUES IN (1) PARTITION BY RANGE (forget_on);
CREATE TABLE kept_jobs PARTITION OF jobs FOR VALUES IN (2);
"""
INDEXES = """
ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id, forget_on);
ALTER TABLE {table} ADD CONSTRAINT {table}_finished_check CHECK (finished_at IS NOT NULL);
CREATE INDEX {table}_created_idx ON {table} (created_at, id);
CREATE INDEX {table}_state_idx ON {table} (state, finished_at, id);
CREATE INDEX {table}_task_idx ON {table} (task, created_at, id);
CREATE INDEX {table}_queue_idx ON {table} (queue, created_at, id);
CREATE INDEX {table}_schedule_idx ON {table} (schedule, due_at) WHERE schedule IS NOT NULL;
"""
FORGET_IDX = "CREATE INDEX kept_jobs_forget_idx ON kept_jobs (forget_on)"

# The application's role owns nothing, so what makes and drops the tables of days runs as the owner.
ADD_DAY = """
CREATE FUNCTION add_ended_day(day date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
DECLARE
    name text := 'ended_jobs_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('bellhop:' || name));
    IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
    PERFORM set_config('lock_timeout', '1s', true);
    EXECUTE format('CREATE TABLE %I (LIKE ended_jobs INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES) '
                   'WITH (autovacuum_vacuum_insert_threshold = -1)', name);
    EXECUTE format('ALTER TABLE ended_jobs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
    RETURN true;
END $$
"""
DROP_DAY = """
CREATE FUNCTION drop_ended_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF day >= CAST(now() AT TIME ZONE 'UTC' - interval '1 hour' AS date) THEN
        RAISE EXCEPTION 'the day % is not over', day;
    END IF;
    PERFORM set_config('lock_timeout', '200ms', true);
    EXECUTE format('DROP TABLE IF EXISTS %I', 'ended_jobs_' || to_char(day, 'YYYYMMDD'));
END $$
"""

DOWN = """
ALTER TABLE jobs DETACH PARTITION unfinished_jobs;
ALTER TABLE unfinished_jobs DISABLE TRIGGER jobs_claim_key;
ALTER TABLE unfinished_jobs DROP CONSTRAINT unfinished_jobs_tier_check;
INSERT INTO unfinished_jobs SELECT * FROM jobs;
UPDATE unfinished_jobs SET tier = 0, forget_on = NULL WHERE tier <> 0;
ALTER TABLE unfinished_jobs ENABLE TRIGGER jobs_claim_key;
DROP FUNCTION add_ended_day(date), drop_ended_day(date);
DROP TABLE jobs, job_followers;
ALTER TABLE unfinished_jobs RENAME TO jobs;
ALTER TABLE jobs RENAME CONSTRAINT unfinished_jobs_pkey TO jobs_pkey;
ALTER TABLE jobs ADD CONSTRAINT unfinished_jobs_tier_check CHECK (tier = 0);
CREATE INDEX jobs_failed_idx ON jobs (created_at, id) WHERE state IN ('failed','cancelled');
CREATE INDEX jobs_expires_idx ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_idempotency_key ON jobs (submitter, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX jobs_schedule_key ON jobs (schedule, due_at) WHERE schedule IS NOT NULL;
"""
REFERENCE = """
DELETE FROM {table} WHERE NOT EXISTS (SELECT FROM jobs WHERE jobs.id = {column});
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey
    FOREIGN KEY ({column}) REFERENCES jobs (id) ON DELETE CASCADE
"""


def upgrade() -> None:
    connection = op.get_bind()
    references = connection.execute(REFERENCES).all()
    parents, views = connection.execute(PARENTS).all(), connection.execute(VIEWS).all()
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    above = [one.name for one in (*views, *parents)]  # locked first, as whoever uses them does
    lock_tables(connection, [*above, "jobs", *dict.fromkeys(one.table for one in references)])
    op.execute(FOLLOWERS)
    for one in references:
        op.execute(f"INSERT INTO job_followers VALUES ('{one.table}', '{one.column}')")
        op.execute(f"ALTER TABLE {one.table} DROP CONSTRAINT {one.name}")
    for parent in parents:  # what was left for an older release
        op.execute(f"ALTER TABLE {parent.name} DETACH PARTITION jobs")
    op.execute(UNNEEDED)
    op.execute(SWAP)
    for table in ("ended_jobs", "kept_jobs"):
        op.execute(INDEXES.format(table=table))
    op.execute(FORGET_IDX)
    op.execute("INSERT INTO job_followers VALUES ('job_keys', 'job_id')")
    for statement in (ADD_DAY, DROP_DAY):
        op.execute(statement.format(schema=schema))
    for view in views:
        op.execute(f"CREATE OR REPLACE VIEW {view.name} WITH ({view.options}) AS {view.definition}")
    for parent in parents:
        op.execute(f"ALTER TABLE {parent.name} ATTACH PARTITION jobs {parent.bound}")


def downgrade() -> None:
    op.execute(DOWN)
    for table in ("live_jobs", "mails"):
        op.execute(REFERENCE.format(table=table, column="job_id"))
