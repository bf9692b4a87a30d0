"""Reasons: of what a job failed, as a column, for Postgres reads no index alone for the value of an expression.

The function is what makes the reasons that are stored: it must not be changed, only followed by another one.
"""

from alembic import op

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes
from bellhop_ledger.migrations.session import lock_tables

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

BEFORE, AFTER = "(?<![A-Za-z0-9])", "(?![A-Za-z0-9])"
MASKS = (
    ("{url}", "gi", r"[a-z][a-z0-9+.-]{0,30}://[^][\s\"'<>(){},;]*[^][\s\"'<>(){},;:.!?]"),
    ("{address}", "gi", r"[^\s\"'<>@,;:()]{1,64}@[a-z0-9.-]*[a-z0-9]"),
    ("{value}", "g", rf"{BEFORE}'[^']*'{AFTER}|\"[^\"]*\"|`[^`]*`|“[^”]*”|«[^»]*»"),
    ("{time}", "g", r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}[0-9:.]*(Z|[+-][0-9:]+)?)?"),
    ("{time}", "g", r"(?<![0-9A-Za-z:.])[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(?![0-9A-Za-z:])"),
    ("{path}", "g", r"(?<![A-Za-z0-9_{}.])(~|\.{1,2}|[A-Za-z]:)?[/\\][^\s\"'<>(){},;:]*"),
    ("{id}", "gi", rf"{BEFORE}[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}{AFTER}"),
    ("{host}", "g", r"(?<![0-9.])[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]+)?(?![0-9.])"),
    ("{host}", "gi", r"\[?(?<![A-Za-z0-9:])[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(\](:[0-9]+)?)?"),
    (
        "{file}",
        "g",
        r"(?<![A-Za-z0-9_./-])[A-Za-z0-9_-]+\.(csv|gz|html?|jpe?g|json|log|parquet|pdf|png|py|sql|tar|tmp|txt|xlsx?|"
        rf"xml|ya?ml|zip){AFTER}",
    ),
    ("{host}", "g", r"(?<![A-Za-z0-9_.@-])([a-z0-9-]+\.)+[a-z]{2,}(:[0-9]+)?(?!\.?[A-Za-z0-9_(])"),
    ("{id}", "gi", rf"{BEFORE}(0x[0-9a-f]+|(?=[a-f]*[0-9])[0-9a-f]{{8,}}){AFTER}"),
    (
        "{id}",
        "g",
        r"(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}(?![A-Za-z0-9_-])",
    ),
    (
        "#",
        "gi",
        rf"(?<!(answer was|status|code|errno|signal|exit)[ =:]{{0,2}}){BEFORE}[0-9]+([.,][0-9]+)*|"
        "(?<=[A-Za-z])[0-9]{2,}",
    ),
)
"""What stands in the place of what differs from one job to the next, in this order; numbers that are codes stay."""
MASKED = "\n".join(
    "        said := regexp_replace(said, '{}', '{}', '{}');".format(pattern.replace("'", "''"), word, flags)
    for word, flags, pattern in MASKS
)

# Only the beginning of a message is looked at, so that no message costs more than some tens of microseconds.
FUNCTIONS = rf"""
CREATE FUNCTION failure_reason(error jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    type text := left(coalesce(error ->> 'type', ''), 80);
    said text := trim(regexp_replace(left(coalesce(error ->> 'message', ''), 400), '\s+', ' ', 'g'));
BEGIN
    IF said !~ '^''[A-Za-z_]{{1,40}}''$' THEN  -- the whole message of a KeyError is the name that is missing
{MASKED}
    END IF;
    IF type IN ('BellhopError', 'Permanent', 'Later', 'Unanswered', 'Unexpected', 'NotSent') AND said <> '' THEN
        type := '';  -- these say whether it is tried again, and the message says why
    END IF;
    RETURN left(concat_ws(': ', nullif(type, ''), nullif(said, '')), 200);
END $$;
CREATE FUNCTION failure_reason_id(error jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(md5(failure_reason(error)), 12);
"""
UNFINISHED = """
CREATE INDEX jobs_reason_idx ON unfinished_jobs (reason, created_at, id) WHERE reason IS NOT NULL
"""
INDEXES = {
    "reason": "(reason, created_at, id) WHERE reason IS NOT NULL",
    "failures": "(finished_at, reason, task, queue, state, limit_key) WHERE reason IS NOT NULL",
}


def upgrade() -> None:
    op.execute(FUNCTIONS)
    lock_tables(op.get_bind(), ["jobs"])
    op.execute("ALTER TABLE jobs ADD reason varchar")
    op.execute(UNFINISHED)
    add_indexes(INDEXES)


def downgrade() -> None:
    drop_indexes(INDEXES)
    op.execute("ALTER TABLE jobs DROP reason")
    op.execute("DROP FUNCTION failure_reason_id(jsonb), failure_reason(jsonb)")
