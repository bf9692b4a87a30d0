"""The reference of commands: what each says to `--help`."""

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from importlib.metadata import entry_points
from unittest import mock

COMMANDS = ("bellhop", "bellhop-local", "bellhop-migrate", "bellhop-worker")
"""Those that take arguments."""
LISTED = re.compile(r"^positional arguments:\n {2}(?:COMMAND|VERB)\b.*\n((?: {4}.*\n)+)", re.MULTILINE)
"""The verbs in a help: argparse names them so by the metavar of the subparsers."""
VERB = re.compile(r"^ {4}([a-z][a-z-]+)(?: |$)", re.MULTILINE)


def page() -> str:
    """Return a section for each command, and for each of its verbs."""
    return "\n\n".join(section for command in COMMANDS for section in _sections((command,)))


def _sections(words: tuple[str, ...]) -> Iterator[str]:
    text = help_of(words)
    yield f"{'#' * (len(words) + 1)} {' '.join(words)}\n\n```text\n{text.rstrip()}\n```"
    for listed in LISTED.findall(text):
        for verb in VERB.findall(listed):
            yield from _sections((*words, verb))


def help_of(words: tuple[str, ...]) -> str:
    """Return what a command prints, as wide as a page of the site."""
    [command] = entry_points(group="console_scripts", name=words[0])
    said = io.StringIO()
    wide, asked = mock.patch.dict(os.environ, COLUMNS="100"), mock.patch.object(sys, "argv", [*words, "--help"])
    with wide, asked, redirect_stdout(said), suppress(SystemExit):
        command.load()()
    return said.getvalue()
