"""`bellhop plugin`: which plug-ins have tables in the database, and how those of one that is gone are dropped."""

import argparse

from sqlalchemy import text

from bellhop_ledger.cli.verbs import verb
from bellhop_ledger.migrations.command import MigrateSettings, connect_as_owner, plugin_branches
from bellhop_ledger.migrations.moving import quoted
from bellhop_ledger.migrations.plugins import drop_tables, tables_of
from bellhop_ledger.migrations.schemas import PLUGIN_VERSIONS, plugin_schemas
from bellhop_ledger.migrations.session import exclusive
from bellhop_ledger.platform.settings import CommandError, SettingsError


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `plugin list` and `plugin remove NAME`."""
    group = commands.add_parser("plugin", help="list and remove what plug-ins keep in the database")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("list", help="list plug-ins and the revisions of their tables").set_defaults(run=show_all)
    remove = verbs.add_parser("remove", help="drop the tables of a plug-in that is no longer installed")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    remove.set_defaults(run=run_remove)


@verb
def show_all(_: argparse.Namespace) -> None:
    """Print each plug-in that is installed or has tables, with the revision at which these stand."""
    settings = MigrateSettings.load()
    connect_as_owner(settings)
    installed = {branch.schema for branch in plugin_branches(settings)}
    with exclusive() as connection:
        stored = plugin_schemas(connection, settings.database_schema)
        for name in sorted(installed | set(stored)):
            select = f"SELECT version_num FROM {quoted(name, PLUGIN_VERSIONS)}"  # noqa: S608
            revision = connection.scalar(text(select)) if name in stored else None
            print(f"{name:24}{'installed' if name in installed else 'removed':12}{revision or 'no tables'}")


@verb
def run_remove(arguments: argparse.Namespace) -> None:
    """Drop a plug-in's tables, after a question. Raises CommandError where it is still installed or has none."""
    settings, name = MigrateSettings.load(), arguments.name
    connect_as_owner(settings)
    if name in {branch.schema for branch in plugin_branches(settings)}:
        raise SettingsError(f"{name} is installed: take it out of WORKLOADS or BELLHOP_PLUGINS, or uninstall it, first")
    with exclusive() as connection, connection.begin():
        if name not in plugin_schemas(connection, settings.database_schema):
            raise CommandError(f"no plug-in {name} has tables in this database")
        tables = ", ".join(tables_of(connection, name)) or "none"
        if not arguments.yes and not confirmed(f"Drop the schema {name} with its tables ({tables})?"):
            raise CommandError("nothing was dropped")
        drop_tables(connection, name)
    print(f"dropped {name}")


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
