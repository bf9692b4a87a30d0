"""Counts per minute, hour and day, by task and queue, which the scheduler makes from the rows of jobs.

Triggers note the ends that a job's row shows no more, so those that the release before writes are counted as well. It
goes on with its own table `job_counts`.
"""

from alembic import op
from sqlalchemy import text

from bellhop_ledger.migrations.session import lock_tables

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

NUMBERS = ("submitted", "succeeded", "failed", "cancelled", "expired", "retried")
TABLES = f"""
CREATE TABLE task_counts (
    step varchar(6) NOT NULL,
    starts_at timestamptz NOT NULL,
    task varchar NOT NULL,
    queue varchar NOT NULL,
    {" ".join(f"{name} integer NOT NULL," for name in NUMBERS)}
    waits integer[] NOT NULL,
    runs integer[] NOT NULL,
    CONSTRAINT task_counts_pkey PRIMARY KEY (step, starts_at, task, queue),
    CONSTRAINT task_counts_step_check CHECK (step IN ('minute','hour','day'))
);
CREATE TABLE uncounted_ends (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uncounted_ends_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    task varchar NOT NULL,
    queue varchar NOT NULL,
    ending varchar NOT NULL,
    waited double precision,
    ran double precision
);
CREATE INDEX uncounted_ends_at_idx ON uncounted_ends (at);
CREATE TABLE counting (
    id smallint NOT NULL CONSTRAINT counting_pkey PRIMARY KEY,
    since timestamptz NOT NULL,
    counted_until timestamptz NOT NULL,
    final_until timestamptz NOT NULL,
    CONSTRAINT counting_id_check CHECK (id = 1)
);
"""
WAITED = """
    date_part('epoch', CAST(past ->> 'started_at' AS timestamptz) - CAST(past ->> 'queued_at' AS timestamptz)),
    date_part('epoch', CAST(past ->> 'finished_at' AS timestamptz) - CAST(past ->> 'started_at' AS timestamptz))
"""
# One that was broken off because its worker stopped has not ended: it begins again.
OF_ATTEMPTS = f"""
CREATE FUNCTION note_uncounted_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE past jsonb := NEW.past_attempts -> -1;
BEGIN
    IF past ? 'started_at' AND past ->> 'outcome' IS DISTINCT FROM 'interrupted' THEN
        INSERT INTO {{schema}}.uncounted_ends (at, task, queue, ending, waited, ran)
        VALUES (CAST(past ->> 'finished_at' AS timestamptz), NEW.task, NEW.queue, 'retried', {WAITED});
    END IF;
    RETURN NULL;
END $$
"""
# The job's last attempt is the end that it had, unless it was cancelled or failed while it waited for another one.
OF_JOBS = f"""
CREATE FUNCTION note_uncounted_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE past jsonb; task varchar; queue varchar;
BEGIN
    SELECT j.past_attempts -> -1, j.task, j.queue INTO past, task, queue
    FROM {{schema}}.unfinished_jobs j WHERE j.id = NEW.job_id;
    IF past ->> 'finished_at' IS DISTINCT FROM NEW.details ->> 'finished_at' THEN past := NULL; END IF;
    IF FOUND THEN
        INSERT INTO {{schema}}.uncounted_ends (at, task, queue, ending, waited, ran)
        VALUES (CAST(NEW.details ->> 'finished_at' AS timestamptz), task, queue,
            CASE WHEN NEW.details #>> '{{{{error,type}}}}' = 'Expired' THEN 'expired' ELSE NEW.details ->> 'state' END,
            {WAITED});
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = """
CREATE TRIGGER jobs_note_uncounted AFTER UPDATE OF past_attempts ON unfinished_jobs FOR EACH ROW
    WHEN (NEW.past_attempts IS NOT NULL AND NEW.past_attempts IS DISTINCT FROM OLD.past_attempts)
    EXECUTE FUNCTION note_uncounted_attempt();
CREATE TRIGGER job_events_note_uncounted AFTER INSERT ON job_events FOR EACH ROW
    WHEN (NEW.action = 'retried' AND NEW.details ? 'finished_at') EXECUTE FUNCTION note_uncounted_end();
"""


def upgrade() -> None:
    op.execute(TABLES)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    for function in (OF_ATTEMPTS, OF_JOBS):
        op.execute(function.format(schema=schema))
    lock_tables(op.get_bind(), ["unfinished_jobs", "job_events"], "SHARE ROW EXCLUSIVE")
    op.execute(TRIGGERS)


def downgrade() -> None:
    lock_tables(op.get_bind(), ["unfinished_jobs", "job_events"])
    op.execute("DROP TRIGGER jobs_note_uncounted ON unfinished_jobs")
    op.execute("DROP TRIGGER job_events_note_uncounted ON job_events")
    op.execute("DROP FUNCTION note_uncounted_attempt(); DROP FUNCTION note_uncounted_end()")
    op.execute("DROP TABLE task_counts, uncounted_ends, counting")
