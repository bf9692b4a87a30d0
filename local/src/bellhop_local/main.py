"""The command `bellhop-local`: what stands behind `make local`, `make demo` and `make shell`."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bellhop_local.backup import run_backup, run_restore
from bellhop_local.demo import run_demo
from bellhop_local.errors import LocalError
from bellhop_local.output import Terminal
from bellhop_local.schedules import export_schedules, import_schedules
from bellhop_local.settings import LocalSettings
from bellhop_local.shell.connect import run_shell
from bellhop_local.state import published
from bellhop_local.supervisor import Supervisor


def up(settings: LocalSettings) -> int:
    """Run the whole system until Ctrl-C."""
    return Supervisor(settings, Terminal()).run()


def status(settings: LocalSettings) -> int:
    """Print whether a stack is running; the exit code is 0 when it is."""
    stack = published(settings.directory)
    print(f"running: {stack['BELLHOP_URL']}" if stack else "not running")
    return 0 if stack else 1


VERBS: dict[str, Callable[..., int]] = {
    "up": up,
    "demo": run_demo,
    "shell": run_shell,
    "status": status,
    "schedules-export": export_schedules,
    "schedules-import": import_schedules,
    "backup": run_backup,
    "restore": run_restore,
}


class Parser(argparse.ArgumentParser):
    """Refuses arguments with one line, as everything else that is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with the reason and where help is."""
        unknown = re.fullmatch(r"argument .*?: invalid choice: ('.*?') .*", message)
        reason = f"there is no {unknown[1]}; there are {', '.join(VERBS)}" if unknown else message
        self.exit(2, f"bellhop: {reason} ({self.prog} --help says more)\n")


def main() -> None:
    """Run one verb; a mistake of the developer's is one line, not a traceback."""
    parser = Parser(prog="bellhop-local", description="Bellhop on one machine without Docker")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    parsers = {name: verbs.add_parser(name, help=(act.__doc__ or "").splitlines()[0]) for name, act in VERBS.items()}
    parsers["restore"].add_argument("file", type=Path, help="the backup")
    given = vars(parser.parse_args())
    try:
        sys.exit(VERBS[given.pop("verb")](LocalSettings.read(), **given))
    except LocalError as error:
        sys.exit(f"bellhop: {error}")
