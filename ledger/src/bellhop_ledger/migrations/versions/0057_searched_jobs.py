"""Searches of ended jobs by arguments, by words of error and label, and of failed ones by worker."""

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

BETWEEN = r"[\u0001-\u002f\u003a-\u0060\u007b-\u007f]+"
ERROR = "coalesce(left(error ->> 'type', 200) || ' ' || left(error ->> 'message', 500), '')"
PARTED = rf"regexp_replace({ERROR}, '([a-z0-9])([A-Z])', '\1 \2', 'g')"


def _marked(text: str, mark: str) -> str:
    return f"""regexp_replace(' ' || lower(({text}) COLLATE "C"), '{BETWEEN}', ' {mark}', 'g')"""


MARKED = f"""{_marked(f"{ERROR} || ' ' || {PARTED}", "e")} || {_marked("coalesce(label, '')", "l")}"""
WORDS = f"""array_to_tsvector(
    array_remove(array_remove(array_remove(string_to_array({MARKED}, ' '), ''), 'e'), 'l'))"""
INDEXES = {
    "errors": "(created_at, id) WHERE error IS NOT NULL",
    "failed_worker": "(worker varchar_pattern_ops, created_at, id) WHERE state IN ('failed','cancelled')",
    "words": f"USING gin (({WORDS})) WHERE label IS NOT NULL OR error IS NOT NULL",
    "args": "USING gin (args jsonb_path_ops) WHERE args <> '{}'::jsonb AND length(args::text) <= 2000",
}


def upgrade() -> None:
    add_indexes(INDEXES)


def downgrade() -> None:
    drop_indexes(INDEXES)
