"""The debugger: pdb on the worker's own terminal, where it has one (`bellhop dev --solo`), and a refusal elsewhere."""

import sys
from pdb import Pdb
from typing import NoReturn

from bellhop_worker.engine.execution import NoTerminal

TERMINAL = "/dev/tty"


def debug(*_: object, **__: object) -> None:
    """Stand in for breakpoint(): stop behind the call, and ask on the terminal. Raises NoTerminal where there is none.

    The standard streams of a process of the pool lead elsewhere, and what a body prints belongs to its job's log.
    """
    try:
        keyboard, screen = open(TERMINAL, encoding="utf-8"), open(TERMINAL, "w", encoding="utf-8")  # noqa: SIM115
    except OSError:
        raise NoTerminal(NoTerminal.__doc__) from None
    Pdb(stdin=keyboard, stdout=screen, nosigint=True).set_trace(sys._getframe().f_back)


def refuse_breakpoint(*_: object, **__: object) -> NoReturn:
    """Stand in for pdb, which would find no terminal."""
    raise NoTerminal(NoTerminal.__doc__)
