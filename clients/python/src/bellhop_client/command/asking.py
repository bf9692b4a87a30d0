"""Asking: the person at the terminal is asked before many jobs are changed."""

import sys

from bellhop_client.command.errors import UsageError


def confirmed(question: str, *, yes: bool) -> bool:
    """Whether somebody says yes: by an option, or at the terminal. Raises UsageError where nobody can be asked."""
    if yes:
        return True
    if not is_terminal():
        raise UsageError(f"{question} Nobody can be asked here: --yes does it")
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def is_terminal() -> bool:
    """Whether a person can answer."""
    return sys.stdin.isatty()


def counted(number: int) -> str:
    """Return a number of jobs in words."""
    return f"{number:,} job" + ("" if number == 1 else "s")
