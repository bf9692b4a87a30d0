"""Lists of jobs by submitter, request, parent and tag, and of those that have expired."""

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

INDEXES = {
    "submitter": "(submitter, created_at, id) WHERE submitter IS NOT NULL",
    "request": "(request_id) WHERE request_id IS NOT NULL",
    "parent": "(parent, created_at, id) WHERE parent IS NOT NULL",
    "tags": "USING gin (tags) WHERE tags IS NOT NULL",
    "expired": "(finished_at, id) WHERE state = 'cancelled' AND attempt = 0 AND error ->> 'type' = 'Expired'",
}


def upgrade() -> None:
    add_indexes(INDEXES)


def downgrade() -> None:
    drop_indexes(INDEXES)
