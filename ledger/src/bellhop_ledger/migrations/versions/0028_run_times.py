"""How long the runs of each task take, as the workers measure it: short ones share a message."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE task_run_times (
            task varchar CONSTRAINT task_run_times_pkey PRIMARY KEY,
            mean double precision NOT NULL,
            deviation double precision NOT NULL,
            measured_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT task_run_times_mean_check CHECK (mean >= 0 AND deviation >= 0)
        )
    """)


def downgrade() -> None:
    op.drop_table("task_run_times")
