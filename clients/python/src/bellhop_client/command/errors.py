"""How a command ends: with which exit code, and with which line where something is wrong."""

from enum import IntEnum

from bellhop_client.errors import BellhopError, JobFailed, Refused, ServerError, WaitTimeout, Withheld


class Exit(IntEnum):
    """Exit codes; docs/command-line.md lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    TIMEOUT = 5
    INTERRUPTED = 130
    PIPE_CLOSED = 141


class CommandError(Exception):
    """A command cannot do what it was asked for; the message is all that a person needs to read."""

    code = Exit.FAILED


class UsageError(CommandError):
    """An argument or a setting is missing or cannot be used; the message names it."""

    code = Exit.USAGE


class DatabaseAway(CommandError):
    """A database that this command itself needs cannot be used."""

    code = Exit.UNREACHABLE


def code_of(error: BellhopError) -> Exit:
    """Return the exit code of what went wrong between this command and Bellhop."""
    if isinstance(error, WaitTimeout):
        return Exit.TIMEOUT
    if isinstance(error, JobFailed):
        return Exit.FAILED
    refused = isinstance(error, Refused | Withheld) and not isinstance(error, ServerError)
    return Exit.REFUSED if refused else Exit.UNREACHABLE
