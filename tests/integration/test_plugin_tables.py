"""Tables of plug-ins: a schema, a line of migrations and rights of their own, and how they come and go."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.plugins import plugins_of
from tests.databases import run_command, run_migrate
from tests.integration.test_roles import as_role, run
from tests.stack import Stack

PLUGIN = """
from bellhop.plugin import Plugin
plugin = Plugin("shop", migrations="acme_shop:migrations")
"""
FIRST = '''
"""Orders and their lines."""

from alembic import op
from bellhop_ledger.api import adopt_tables

revision = "0001"
down_revision = None

CREATE = """
CREATE TABLE orders (id integer PRIMARY KEY, owner_id uuid REFERENCES users (id));
CREATE TABLE lines (order_id integer NOT NULL REFERENCES orders (id), text varchar NOT NULL);
CREATE INDEX lines_order_id_idx ON lines (order_id);
"""


def upgrade() -> None:
    adopt_tables("orders", "lines", otherwise=CREATE)
'''
SECOND = """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD note varchar")
"""
STANDING = """
CREATE TABLE bellhop.orders (id integer PRIMARY KEY);
CREATE TABLE bellhop.lines (order_id integer NOT NULL REFERENCES bellhop.orders (id), text varchar NOT NULL);
INSERT INTO bellhop.orders VALUES (7);
INSERT INTO bellhop.lines VALUES (7, 'a pear');
"""


@pytest.fixture(scope="module")
def platform(servers: Stack) -> Iterator[str]:
    """The name of a database with the tables of the platform and of no plug-in."""
    run_migrate(servers.postgres.create_database("unplugged"), WORKLOADS="none")
    yield "unplugged"
    servers.postgres.drop_database("unplugged")


@pytest.fixture
def database(servers: Stack, platform: str) -> Iterator[str]:
    """The address of a copy of it, as its owner."""
    yield servers.postgres.create_database("plugged", platform)
    servers.postgres.drop_database("plugged")
    servers.sql("DROP ROLE IF EXISTS plugged")


@pytest.fixture
def shop(tmp_path: Path) -> dict[str, str]:
    """The settings that name a plug-in with one migration."""
    write(tmp_path, "acme_shop/__init__.py", PLUGIN)
    write(tmp_path, "acme_shop/migrations/0001_orders.py", FIRST)
    return {"PYTHONPATH": str(tmp_path), "BELLHOP_PLUGINS": "acme_shop", "WORKLOADS": "none"}


def write(directory: Path, name: str, text: str) -> None:
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text)


def test_a_plugin_has_a_schema_and_a_line_of_migrations_of_its_own(
    database: str, shop: dict[str, str], tmp_path: Path
) -> None:
    run_migrate(database, **shop)
    write(tmp_path, "acme_shop/migrations/0002_notes.py", SECOND)
    run_migrate(database, **shop)

    assert run(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'shop' ORDER BY 1") == [
        ("bellhop_version",),
        ("lines",),
        ("orders",),
    ]
    assert run(database, "SELECT version_num FROM shop.bellhop_version") == [("0002",)]
    assert run(database, "INSERT INTO shop.orders (id, note) VALUES (1, 'soon') RETURNING note") == [("soon",)]


def test_the_application_may_use_the_tables_of_a_plugin_and_own_none(database: str, shop: dict[str, str]) -> None:
    application = as_role(database, "plugged")

    run_migrate(application, MIGRATION_DATABASE_URL=database, **shop)

    assert run(application, "INSERT INTO shop.orders (id) VALUES (1) RETURNING id") == [(1,)]
    assert run(application, "SELECT has_table_privilege('shop.bellhop_version', 'SELECT')") == [(False,)]


@pytest.mark.long
def test_tables_that_the_platform_once_made_move_to_the_plugin_with_their_rows(
    database: str, shop: dict[str, str]
) -> None:
    run(database, STANDING)

    run_migrate(database, **shop)

    assert run(database, "SELECT id, text FROM shop.orders JOIN shop.lines ON order_id = id") == [(7, "a pear")]
    assert run(database, "INSERT INTO bellhop.orders VALUES (8) RETURNING id") == [(8,)]  # as the release before does
    assert run(database, "SELECT id FROM shop.orders ORDER BY id") == [(7,), (8,)]

    run_migrate(database, **shop)
    done = run_command(database, "bellhop-migrate", "--contract", **shop)

    assert done.returncode == 0, done.stderr
    assert run(database, "SELECT to_regclass('bellhop.orders')") == [(None,)]


@pytest.mark.long
def test_half_of_the_tables_that_belong_together_are_not_taken(database: str, shop: dict[str, str]) -> None:
    run(database, "CREATE TABLE bellhop.orders (id integer PRIMARY KEY)")

    done = run_command(database, "bellhop-migrate", **shop)

    assert done.returncode != 0
    assert "bellhop has orders and not the others of orders, lines" in done.stderr


@pytest.mark.long
def test_a_schema_that_is_somebody_elses_is_left_alone(database: str, shop: dict[str, str]) -> None:
    run(database, "CREATE SCHEMA shop; CREATE TABLE shop.alembic_version (version_num text)")

    done = run_command(database, "bellhop-migrate", **shop)

    assert done.returncode == 1
    assert "plug-in shop: the schema shop has tables that are not Bellhop's, such as alembic_version" in done.stderr
    assert run(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'shop'") == [("alembic_version",)]


@pytest.mark.long
def test_a_later_release_of_a_plugin_leaves_a_schema_that_the_one_before_does_not_touch(
    database: str, shop: dict[str, str]
) -> None:
    run_migrate(database, **shop)
    run(database, "UPDATE shop.bellhop_version SET version_num = '9999'")

    run_migrate(database, **shop)

    assert run(database, "SELECT version_num FROM shop.bellhop_version") == [("9999",)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('Plugin("shop", migrations="acme_shop:versions")', "there is no folder of migrations acme_shop:versions"),
        (
            'Plugin("shop", migrations="acme_shelf:migrations")',
            "there is no folder of migrations acme_shelf:migrations",
        ),
        (
            'Plugin("acme.shop", migrations="acme_shop:migrations")',
            "plug-in acme.shop: its tables are in a schema of its",
        ),
        ('Plugin("bellhop", migrations="acme_shop:migrations")', "plug-in bellhop: its tables are in a schema of its"),
    ],
)
def test_migrations_that_cannot_be_run_are_named(
    database: str, shop: dict[str, str], tmp_path: Path, value: str, fault: str
) -> None:
    write(tmp_path, "acme_shop/__init__.py", f"from bellhop.plugin import Plugin\nplugin = {value}\n")

    done = run_command(database, "bellhop-migrate", **shop)

    assert done.returncode == 1
    assert fault in done.stderr


@pytest.mark.long
def test_the_tables_of_a_plugin_that_is_gone_are_dropped_by_name(database: str, shop: dict[str, str]) -> None:
    run_migrate(database, **shop)
    without = shop | {"BELLHOP_PLUGINS": ""}

    kept = run_command(database, "bellhop", "plugin", "remove", "shop", **shop)
    listed = run_command(database, "bellhop", "plugin", "list", **without)
    asked = run_command(database, "bellhop", "plugin", "remove", "shop", **without)
    dropped = run_command(database, "bellhop", "plugin", "remove", "shop", "--yes", **without)
    again = run_command(database, "bellhop", "plugin", "remove", "shop", "--yes", **without)

    assert "shop is installed" in kept.stderr
    assert listed.stdout.split() == ["shop", "removed", "0001"]
    assert "Drop the schema shop with its tables (lines, orders)?" in asked.stdout
    assert "nothing was dropped" in asked.stderr
    assert dropped.stdout == "dropped shop\n"
    assert "no plug-in shop has tables in this database" in again.stderr
    assert run(database, "SELECT to_regnamespace('shop')") == [(None,)]


@pytest.mark.long
def test_each_workload_can_be_removed_and_the_rest_stays_whole(database: str) -> None:
    run_migrate(database)
    names = [plugin.name for plugin in plugins_of(Settings.load()) if plugin.migrations]

    installed = run_command(database, "bellhop", "plugin", "list").stdout.splitlines()
    for name in names:
        dropped = run_command(database, "bellhop", "plugin", "remove", name, "--yes", WORKLOADS="none")
        assert dropped.stdout == f"dropped {name}\n", dropped.stderr

    assert [line.split()[:2] for line in installed] == [[name, "installed"] for name in sorted(names)]
    assert run_command(database, "bellhop", "plugin", "list", WORKLOADS="none").stdout == ""
    assert [run(database, f"SELECT to_regnamespace('{name}')") for name in names] == [[(None,)]] * len(names)
    run_migrate(database)  # and can be installed again


@pytest.mark.long
def test_what_somebody_has_built_on_a_plugins_table_is_not_dropped_with_it(database: str, shop: dict[str, str]) -> None:
    run_migrate(database, **shop)
    run(database, "CREATE VIEW public.report AS SELECT count(*) FROM shop.orders")

    done = run_command(database, "bellhop", "plugin", "remove", "shop", "--yes", **shop | {"BELLHOP_PLUGINS": ""})

    assert done.returncode == 1
    assert "view public.report depends on table shop.orders" in done.stderr
    assert run(database, "SELECT * FROM public.report") == [(0,)]
