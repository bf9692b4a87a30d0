"""What a deploy stands on: releases that run side by side, and the way back to the one before."""

from tests.stack import Stack


def test_a_release_leaves_the_schema_of_a_later_one_as_it_is(ledger: Stack) -> None:
    [(ours,)] = ledger.sql("UPDATE alembic_version SET version_num = '9999' RETURNING OLD.version_num")
    try:
        ledger.run("migrate-later", "bellhop-migrate")

        assert ledger.sql("SELECT version_num FROM alembic_version") == [("9999",)]
        assert "schema_is_of_a_later_release" in ledger.log("migrate-later")
    finally:
        ledger.sql("UPDATE alembic_version SET version_num = %s", ours)
