"""The statements of the ledger, on their way to Postgres."""

from sqlalchemy import NullPool, create_engine, text

from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.migrations.session import lock_tables
from bellhop_ledger.platform.statements import autocommit, run
from tests.stack import Stack
from tests.tasks.signatures import noop

ECHO = text("SELECT unnest(CAST(:values AS text[])) AS value")


def test_a_list_arrives_as_it_is(ledger: Stack) -> None:
    values = ["plain", "a, b", 'say "so"', "back\\slash", "", "NULL", "{}", "it's"]

    with autocommit() as db:
        rows = run(db, ECHO, values=values)

    assert [row.value for row in rows] == values


def test_a_statement_can_be_run_again_on_the_same_connection_after_a_rollback(ledger: Stack) -> None:
    for _ in range(2):
        with autocommit() as db:
            assert [row.value for row in run(db, ECHO, values=["again"])] == ["again"]


def test_a_column_that_a_migration_adds_does_not_disturb_connections_that_are_open(ledger: Stack) -> None:
    def submit_one() -> None:
        with autocommit() as db:
            submit_all(db, [NewJob(noop, {})])

    submit_one()
    alter_jobs(ledger, "ADD of_a_later_release text")
    try:
        submit_one()
    finally:
        alter_jobs(ledger, "DROP of_a_later_release")


def alter_jobs(ledger: Stack, change: str) -> None:
    """Alter the table as a migration does, which tries again where Postgres itself analyzes a part of the table."""
    with create_engine(ledger.postgres.url, poolclass=NullPool).begin() as owner:
        lock_tables(owner, ["jobs"])
        owner.exec_driver_sql(f"ALTER TABLE jobs {change}")
