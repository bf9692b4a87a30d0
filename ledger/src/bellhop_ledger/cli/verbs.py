"""Verbs of the ledger in the command `bellhop`, which end as docs/command-line.md says, with one line and a code."""

import argparse
import sys
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from bellhop_ledger.platform.settings import CommandError, SettingsError

FAILED, USAGE, UNREACHABLE = 1, 2, 3
Verb = Callable[[argparse.Namespace], None]


def verb(act: Verb) -> Callable[[argparse.Namespace], int]:
    """Wrap a verb so that it returns an exit code, and complains where a setting is wrong or the database is away."""

    def run(arguments: argparse.Namespace) -> int:
        try:
            act(arguments)
        except CommandError as error:
            return _complain(error, USAGE if isinstance(error, SettingsError) else FAILED)
        except OperationalError as error:
            return _complain(f"DATABASE_URL: the database cannot be used: {str(error.orig).strip()}", UNREACHABLE)
        return 0

    return run


def _complain(reason: object, code: int) -> int:
    print(f"bellhop: {reason}", file=sys.stderr)
    return code
