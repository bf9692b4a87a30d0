"""Jobs that no process of ours sends are announced to the scheduler by the transaction that writes them.

Those of other applications: of `submit()` in SQL, of sessions that they have opened themselves, of a plain INSERT. The
scheduler found them by its sweep, after a second. Postgres sends equal notifications of a transaction once.
"""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION announce_unsent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('bellhop_due', 'unsent');
    RETURN NULL;
END $$
"""
# Not of jobs that a request, another job or a schedule has made, nor of those of Celery's clients: their writer sends.
TRIGGER = """
CREATE TRIGGER jobs_announce_unsent AFTER INSERT ON unfinished_jobs FOR EACH ROW
    WHEN (NEW.state IN ('queued', 'scheduled') AND NEW.run_at <= now() + interval '1 second'
          AND NEW.published_at IS NULL AND NEW.request_id IS NULL AND NEW.parent IS NULL AND NEW.schedule IS NULL
          AND NEW.submitter IS DISTINCT FROM 'celery')
    EXECUTE FUNCTION announce_unsent()
"""


def upgrade() -> None:
    op.execute(FUNCTION)
    lock_tables(op.get_bind(), ["unfinished_jobs"], "SHARE ROW EXCLUSIVE")
    op.execute(TRIGGER)


def downgrade() -> None:
    lock_tables(op.get_bind(), ["unfinished_jobs"])
    op.execute("DROP TRIGGER jobs_announce_unsent ON unfinished_jobs")
    op.execute("DROP FUNCTION announce_unsent()")
