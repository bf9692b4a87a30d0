"""`bellhop dev`: its arguments, and the settings that follow from the project in a folder."""

import argparse
import os
import sys
from pathlib import Path

from bellhop_ledger.cli.verbs import FAILED, USAGE
from bellhop_local.dev.project import find_project
from bellhop_local.dev.reloading import DevSupervisor
from bellhop_local.dev.sources import Sources, folders_of
from bellhop_local.errors import LocalError, UsageError
from bellhop_local.output import Terminal
from bellhop_local.settings import LocalSettings


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `dev [FOLDER]`."""
    parser = commands.add_parser("dev", help="run the whole system with the tasks of a project, and follow its changes")
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, default=Path(), help="of the project; this one without it"
    )
    parser.add_argument(
        "--solo", action="store_true", help="one job at a time, without time limits: breakpoint() asks in this terminal"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the system until Ctrl-C; a mistake of the developer's is one line, not a traceback."""
    try:
        if arguments.solo and not sys.stdin.isatty():
            raise UsageError("argument --solo: this is no terminal, and a debugger would have nobody to ask")
        return supervisor_of(arguments.folder, solo=arguments.solo).run()
    except LocalError as error:
        print(f"bellhop: {error}", file=sys.stderr)
        return USAGE if isinstance(error, UsageError) else FAILED


def supervisor_of(folder: Path, *, solo: bool) -> DevSupervisor:
    """Return the supervisor of the system with the project in this folder. Raises LocalError."""
    project = find_project(folder)
    if project:
        os.environ.update(project.environment(os.environ))  # which the services inherit
    named = [name for name in os.environ.get("BELLHOP_PLUGINS", "").split(",") if name]
    sys.path[:0] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in sys.path]
    folders = [*folders_of(named), *([project.source] if project else [])]
    return DevSupervisor(LocalSettings.read(), Terminal(), Sources(folders), solo=solo)
