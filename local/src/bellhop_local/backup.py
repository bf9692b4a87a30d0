"""`make local-backup` and `make local-restore FILE=`: the scripts that containers use, on the local stack."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bellhop_local import state
from bellhop_local.environment import service_environment, stack_environment
from bellhop_local.errors import LocalError
from bellhop_local.servers.postgres import Postgres, programs
from bellhop_local.servers.redis import Redis
from bellhop_local.services import PROGRAMS, migration
from bellhop_local.settings import ROOT, LocalSettings

SCRIPTS = ROOT / "compose" / "backup"
AFTER_RESTORE = [str(PROGRAMS / "bellhop-after-restore")]


def run_backup(settings: LocalSettings) -> int:
    """Back up the database of the running stack, into the folder BACKUP_DIR."""
    stack = state.published(settings.directory)
    if stack is None:
        raise LocalError(f"no local stack runs in {settings.directory}: start one with `make local`")
    print(backup({**os.environ, **stack}, settings.backups))
    return 0


def run_restore(settings: LocalSettings, file: Path) -> int:
    """Put a backup in the place of the stopped stack's database."""
    if not file.is_file():
        raise LocalError(f"there is no backup {file}")
    with state.only_one(settings.directory), _servers(settings) as (database_url, redis_url):
        stack = stack_environment(settings, database_url, redis_url)
        restore(service_environment(stack, settings), file.absolute())
    print(f"restored {file}; `make local` goes on from there")
    return 0


@contextmanager
def _servers(settings: LocalSettings) -> Iterator[tuple[str, str]]:
    """Run the stack's own servers, where the environment does not name others; give their addresses."""
    with ExitStack() as running:
        database_url = (
            settings.database_url
            or running.enter_context(Postgres(settings.directory / Postgres.name, patience=settings.patience)).url
        )
        redis_url = (
            settings.redis_url
            or running.enter_context(Redis(settings.directory / Redis.name, patience=settings.patience)).url
        )
        yield database_url, redis_url


def backup(environment: Mapping[str, str], directory: Path) -> Path:
    """Back up the database that DATABASE_URL names into a directory, and answer the file."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / _script("dump.sh", environment=environment, directory=directory).strip()


def restore(environment: Mapping[str, str], file: Path) -> None:
    """Put a backup in the place of the database, migrate it and hand its jobs back; nobody may be using it.

    A LocalError says why it could not be, and then the database is as it was.
    """
    _script("restore.sh", "load", file.name, environment=environment, directory=file.parent)
    _script("restore.sh", "swap", environment=environment, directory=file.parent)
    try:
        _run(migration(), environment)
        _run(AFTER_RESTORE, environment)
    except BaseException:
        _script("restore.sh", "undo", environment=environment, directory=file.parent)
        raise


def _script(name: str, *arguments: str, environment: Mapping[str, str], directory: Path) -> str:
    path = f"{programs()}{os.pathsep}{environment['PATH']}"
    told = {**environment, "PATH": path, "BACKUP_DIR": str(directory)}
    return _run(["bash", str(SCRIPTS / name), *arguments], told)


def _run(argv: list[str], environment: Mapping[str, str]) -> str:
    """Run a command to its end and answer what it has printed."""
    done = subprocess.run(argv, env=dict(environment), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise LocalError(f"{Path(argv[0]).name} {' '.join(argv[1:])} ended with {done.returncode}")
    return done.stdout
