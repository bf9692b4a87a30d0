"""Budgets of calls to sources outside, which prices had for itself; its tables stay for the release before."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE call_budgets (
    name varchar PRIMARY KEY,
    refusals integer NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    CONSTRAINT call_budgets_refusals_check CHECK (refusals >= 0)
);
CREATE TABLE budget_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget varchar NOT NULL
        CONSTRAINT budget_calls_budget_fkey REFERENCES call_budgets (name) ON DELETE CASCADE,
    at timestamptz NOT NULL
);
CREATE INDEX budget_calls_budget_at_idx ON budget_calls (budget, at);
"""
COPY = """
DO $$ BEGIN
    IF to_regclass('source_calls') IS NOT NULL THEN
        INSERT INTO call_budgets (name, refusals, blocked_until) SELECT name, refusals, blocked_until FROM sources;
        INSERT INTO budget_calls (budget, at) SELECT source, at FROM source_calls;
    END IF;
END $$
"""
"""Prices has these tables: in a new installation it makes them after our migrations, and in an older one it takes them
over then. It drops them one release later (docs/decisions/0043)."""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(COPY)


def downgrade() -> None:
    op.drop_table("budget_calls")
    op.drop_table("call_budgets")
