"""The keys and the tiers of the jobs that are there: each takes long and holds nobody up."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs VALIDATE CONSTRAINT unfinished_jobs_tier_check")
    op.execute("""
        INSERT INTO job_keys (submitter, key, job_id)
        SELECT submitter, idempotency_key, id FROM jobs WHERE idempotency_key IS NOT NULL AND submitter IS NOT NULL
        ON CONFLICT DO NOTHING
    """)
    op.execute("ANALYZE job_keys")


def downgrade() -> None:
    pass
