"""The functions in SQL and their role, from one release to the next: no call is ambiguous, no right is left over."""

from collections.abc import Callable, Iterator

import pytest
from psycopg2.errors import InsufficientPrivilege

from bellhop_ledger.ledger.in_sql.submit import OPEN
from bellhop_ledger.migrations.sql_submit import ROLE
from tests.databases import run_command, run_migrate
from tests.integration.test_roles import as_role, run
from tests.stack import Stack

SIGNATURES = """
    SELECT proname, oidvectortypes(proargtypes) FROM pg_proc
    WHERE pronamespace = 'bellhop'::regnamespace AND proname IN ('submit', 'submit_many') ORDER BY proname
"""
MAY_SUBMIT = f"""
    SELECT bool_and(has_function_privilege('{ROLE}', oid, 'EXECUTE')) FROM pg_proc
    WHERE pronamespace = 'bellhop'::regnamespace AND proname IN ('submit', 'submit_many')
"""
OPEN_TO_ALL = """
    SELECT proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'bellhop'::regnamespace AND p.prosecdef AND a.grantee = 0
"""
# As a later release would have it, and with what a restore leaves: everybody may call what runs as the owner.
OTHERS = """
    DROP FUNCTION bellhop.submit_many(jsonb);
    CREATE FUNCTION bellhop.submit(task text, unless text) RETURNS uuid LANGUAGE sql AS 'SELECT uuidv7()';
    GRANT EXECUTE ON FUNCTION bellhop.drop_ended_day(date) TO PUBLIC
"""


@pytest.fixture(scope="module")
def migrated(servers: Stack) -> Iterator[str]:
    """The name of a migrated database."""
    run_migrate(servers.postgres.create_database("migrated_once"))
    yield "migrated_once"
    servers.postgres.drop_database("migrated_once")


@pytest.fixture
def database(servers: Stack, migrated: str) -> Iterator[str]:
    """The address of a copy of it, as its owner."""
    yield servers.postgres.create_database("functions", migrated)
    servers.postgres.drop_database("functions")


def test_a_migration_puts_the_functions_of_its_release_in_the_place_of_others(database: str) -> None:
    run(database, OTHERS)

    run_migrate(database)

    assert run(database, SIGNATURES) == sorted(OPEN.items())
    assert run(database, MAY_SUBMIT) == [(True,)]
    assert run(database, OPEN_TO_ALL) == []


def test_the_functions_of_a_later_release_stay_when_one_goes_back(database: str) -> None:
    run(database, OTHERS)
    run(database, "UPDATE bellhop.alembic_version SET version_num = '9999'")

    run_migrate(database)

    assert ("submit", "text, text") in run(database, SIGNATURES)


def test_what_somebody_has_built_on_a_function_is_named_and_nothing_is_changed(database: str) -> None:
    run(database, OTHERS)
    run(database, "CREATE VIEW public.theirs AS SELECT bellhop.submit('test.noop', 'x'::text)")

    done = run_command(database, "bellhop-migrate")

    assert (done.returncode, "theirs" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    assert ("submit", "text, text") in run(database, SIGNATURES)


def test_a_login_that_may_not_create_roles_migrates_and_says_what_is_missing(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack()
    stack.sql(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}; CREATE ROLE keeper LOGIN PASSWORD 'keeper'")
    url = stack.postgres.create_database("kept")
    stack.sql("ALTER DATABASE kept OWNER TO keeper")
    keeper = as_role(url, "keeper", "keeper")

    assert "role_is_missing" in run_migrate(keeper)
    stack.sql(f"CREATE ROLE {ROLE}")
    assert "role_is_missing" not in run_migrate(keeper)
    assert run(url, MAY_SUBMIT) == [(True,)]


def test_whoever_is_not_granted_the_role_cannot_even_name_the_functions(database: str) -> None:
    run(database, "CREATE ROLE passer_by LOGIN PASSWORD 'passer-by'")
    try:
        with pytest.raises(InsufficientPrivilege, match="schema bellhop"):
            run(as_role(database, "passer_by", "passer-by"), "SELECT bellhop.submit('test.noop')")
    finally:
        run(database, "DROP ROLE passer_by")
