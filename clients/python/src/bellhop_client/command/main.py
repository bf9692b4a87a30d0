"""The entry point of `bellhop`: one verb, run; what is wrong is one line and an exit code."""

import logging
import os
import sys
from collections.abc import Sequence

from bellhop_client.command.errors import CommandError, Exit, UsageError, code_of
from bellhop_client.command.output import complain, prepare_output
from bellhop_client.command.parser import build
from bellhop_client.errors import BellhopError, Unauthorized, Unreachable
from bellhop_client.writing import Unsendable, is_unicode


def main() -> None:
    """Run the verb that the arguments name, and end with its exit code."""
    prepare_output()
    logging.basicConfig(format="bellhop: %(message)s", stream=sys.stderr)
    logging.getLogger("bellhop_client").setLevel(logging.INFO)  # it says that a request is sent again
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where the end of Python flushes to
        code = Exit.PIPE_CLOSED if isinstance(error, BrokenPipeError) else _cannot_use(error)
    sys.exit(code)


def _cannot_use(error: OSError) -> Exit:
    complain(f"{error.filename or 'the output'}: {error.strerror or error}")
    return Exit.FAILED


def run(argv: Sequence[str]) -> int:
    """Run a verb and return the exit code."""
    called = "", ""
    try:
        _refuse_other_bytes(argv)
        arguments = build(argv).parse_args(argv)
        arguments.called = called
        try:
            return arguments.run(arguments) or Exit.DONE
        finally:
            called = arguments.called
    except CommandError as error:
        complain(str(error))
        return error.code
    except Unsendable as error:
        complain(str(error))
        return Exit.USAGE
    except BellhopError as error:
        complain(_words(error, *called))
        return code_of(error)


def _refuse_other_bytes(argv: Sequence[str]) -> None:
    """Raise UsageError for an argument that is not UTF-8: Python has it with halves of surrogate pairs in it."""
    for one in argv:
        if not is_unicode(one):
            raise UsageError(f"argument {os.fsencode(one)!r}: must be UTF-8")


def _words(error: BellhopError, url: str, token: str) -> str:
    if isinstance(error, Unauthorized):
        return f"{error} (the token is from {token})"
    return f"{url} cannot be reached: {error}" if isinstance(error, Unreachable) else str(error)
