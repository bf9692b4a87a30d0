"""Branches of migrations: the platform's and one of each plug-in, each with a schema and a table of versions."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bellhop_ledger.migrations.moving import quoted
from bellhop_ledger.migrations.schemas import PLATFORM_VERSIONS, PLUGIN_VERSIONS
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.settings import OWN_SCHEMA, OWN_SCHEMA_WORDS, Settings, SettingsError

log = logs.get_logger(__name__)

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Branch:
    """One line of migrations: the files in a folder, and the schema in which they make their tables."""

    schema: str
    folder: Path
    versions: str

    def config(self, connection: Connection) -> Config:
        """Return Alembic's configuration: the environment of all branches is ours, the folder is the branch's own."""
        made = Config()
        made.set_main_option("script_location", str(HERE).replace("%", "%%"))
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        made.attributes.update(branch=self, connection=connection)
        return made

    def options(self) -> dict[str, str]:
        """Return where Alembic keeps the revision."""
        return {"version_table": self.versions, "version_table_schema": self.schema}


def platform() -> Branch:
    """Return the branch of the platform's own tables."""
    return Branch(Settings.load().database_schema, HERE / "versions", PLATFORM_VERSIONS)


def plugin(name: str, migrations: str) -> Branch:
    """Return the branch of a plug-in, whose migrations stand in `package:folder`.

    The package is not imported. Raises SettingsError if there is no such folder.
    """
    if not re.fullmatch(OWN_SCHEMA, name) or name == Settings.load().database_schema:
        raise SettingsError(f"plug-in {name}: its tables are in a schema of its name, so it must be {OWN_SCHEMA_WORDS}")
    package, _, folder = migrations.partition(":")
    spec = find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        if (path := Path(place) / folder).is_dir():
            return Branch(name, path, PLUGIN_VERSIONS)
    raise SettingsError(f"plug-in {name}: there is no folder of migrations {migrations}")


def revision_of(connection: Connection, branch: Branch) -> set[str]:
    """Return at which revision a branch stands; nothing before the first migration."""
    with connection.begin():
        return set(MigrationContext.configure(connection, opts=branch.options()).get_current_heads())


def missing(connection: Connection, branch: Branch) -> set[str]:
    """Return the migrations of this release that a branch has not had; none where a later release has migrated it."""
    scripts = ScriptDirectory.from_config(branch.config(connection))
    known = {script.revision: script for script in scripts.walk_revisions()}
    current = revision_of(connection, branch)
    if current - known.keys():
        return set()
    had = {script.revision for one in current for script in scripts.iterate_revisions(one, "base")}
    return known.keys() - had


def upgrade(connection: Connection, branch: Branch, revision: str = "head") -> bool:
    """Run the migrations of a branch that are missing, and return whether the schema is of this release.

    One that a later release has migrated stays as it is, so that one can go back to this one: migrations
    expand before they contract, and the release before works with their result.
    """
    config = branch.config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if later := revision_of(connection, branch) - known:
        log.warning("schema_is_of_a_later_release", schema=branch.schema, revision=", ".join(later))
        return False
    path = ", ".join(dict.fromkeys([quoted(branch.schema), quoted(Settings.load().database_schema)]))
    with connection.begin():
        connection.exec_driver_sql(f"SET search_path = {path}")
    command.upgrade(config, revision)
    with connection.begin():
        connection.exec_driver_sql("RESET search_path")
    return True
