"""What the workers can run, as they publish it, and which of its task's schedules a declared one is."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE task_releases (
            name varchar CONSTRAINT task_releases_pkey PRIMARY KEY,
            digest varchar NOT NULL,
            published_at timestamptz NOT NULL DEFAULT now(),
            deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            seen_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT task_releases_name_check CHECK (length(name) BETWEEN 1 AND 200)
        )
    """)
    op.execute("""
        CREATE TABLE tasks (
            name varchar CONSTRAINT tasks_pkey PRIMARY KEY,
            release varchar NOT NULL
                CONSTRAINT tasks_release_fkey REFERENCES task_releases (name) ON DELETE CASCADE,
            plugin varchar NOT NULL,
            description varchar NOT NULL,
            queue varchar NOT NULL,
            policy jsonb NOT NULL,
            arguments jsonb NOT NULL,
            result jsonb NOT NULL,
            secrets jsonb NOT NULL,
            schedules jsonb NOT NULL,
            CONSTRAINT tasks_name_check CHECK (length(name) BETWEEN 1 AND 200)
        )
    """)
    op.execute("CREATE INDEX tasks_release_idx ON tasks (release)")
    op.execute("ALTER TABLE schedules ADD key varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE schedules DROP key")
    op.drop_table("tasks")
    op.drop_table("task_releases")
