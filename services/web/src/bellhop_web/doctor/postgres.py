"""Checks of Postgres: its tables, its clock, its connections and its disk."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.migrations import branches
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.settings import Settings
from bellhop_web.doctor.findings import FindingView, ok, warning, wrong
from bellhop_web.doctor.services import describe_offset
from bellhop_web.site.format import plural

MOST_CONNECTIONS = 0.85
"""The part of `max_connections` beyond which new processes may be refused soon."""
MOST_RETAINED = 1 << 30
"""Bytes of write-ahead log that a slot without a reader may hold back."""
CONNECTIONS = text("""
    SELECT count(*) AS used, CAST(current_setting('max_connections') AS int) AS most
    FROM pg_stat_activity WHERE backend_type = 'client backend'
""")
DISK = text("""
    SELECT pg_database_size(current_database()) AS size, slot.name, slot.retained
    FROM (SELECT) one LEFT JOIN (
        SELECT slot_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS retained
        FROM pg_replication_slots WHERE NOT active AND NOT pg_is_in_recovery()
    ) slot ON slot.retained > :most
""")


def migrations(_: Session) -> list[FindingView]:
    """Return whether migrations of this release are missing."""
    with engine().connect() as connection:
        missing = branches.missing(connection, branches.platform())
    if not missing:
        return [ok("migrations", "The tables are those of this release, or of a later one")]
    words = f"{plural(len(missing), 'migration')} of this release did not run: {', '.join(sorted(missing))}"
    return [wrong("migrations", words, "Run bellhop-migrate")]


def web_clock(db: Session) -> list[FindingView]:
    """Return whether the clock of this web process is Postgres'."""
    before = clock.now()
    there = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    after = clock.now()
    offset = max((before - there).total_seconds(), 0.0) or min((after - there).total_seconds(), 0.0)
    if abs(offset) <= Settings.load().message_grace_seconds:
        return [ok("web_clock", f"The clock of web is {describe_offset(offset)} Postgres'")]
    advice = "Let the machine follow a time server; clocks must agree within MESSAGE_GRACE_SECONDS"
    return [wrong("web_clock", f"The clock of web is {describe_offset(offset)} Postgres'", advice)]


def connections(db: Session) -> list[FindingView]:
    """Return whether Postgres will soon refuse connections."""
    row = db.execute(CONNECTIONS).one()
    words = f"{row.used} of {row.most} connections are in use"
    if row.used <= MOST_CONNECTIONS * row.most:
        return [ok("connections", words)]
    return [warning("connections", words, "Raise max_connections, or put a pooler before Postgres (DATABASE_POOLER)")]


def disk(db: Session) -> list[FindingView]:
    """Return what fills the disk of Postgres; how much of it is free, only its own machine can tell."""
    rows = db.execute(DISK, {"most": MOST_RETAINED}).all()
    advice = "Let its reader come back, or drop it: SELECT pg_drop_replication_slot('{}')"
    found = [
        wrong(
            "disk",
            f"The replication slot {row.name} holds back {in_words(row.retained)} of log",
            advice.format(row.name),
        )
        for row in rows
        if row.name is not None
    ]
    return found or [ok("disk", f"The database has {in_words(rows[0].size)}; what is free, only its machine can tell")]


def in_words(size: float) -> str:
    """Return a number of bytes in words."""
    return f"{float(size) / 1e9:.1f} GB" if size >= 1e9 else f"{float(size) / 1e6:.0f} MB"
