"""What a submission says of its own job, and the job whose body submitted it; all of it empty for jobs of before."""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


UPGRADE = """
ALTER TABLE jobs ADD timeout double precision, ADD parent uuid, ADD tags varchar[], ADD label varchar;
CREATE INDEX jobs_parent_idx ON unfinished_jobs (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX jobs_tags_idx ON unfinished_jobs USING gin (tags) WHERE tags IS NOT NULL;
"""


def upgrade() -> None:
    lock_tables(op.get_bind(), ["jobs"])
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("ALTER TABLE jobs DROP timeout, DROP parent, DROP tags, DROP label")
