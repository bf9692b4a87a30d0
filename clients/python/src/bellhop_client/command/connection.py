"""Connection: which Bellhop a command calls and with which token, as options or the environment say."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bellhop_client.client import Client
from bellhop_client.command.errors import UsageError
from bellhop_client.link import Link, Token
from bellhop_client.retries import Retries

RETRIES = Retries(attempts=4)
"""A person waits for it: some seconds, and then the error."""


@dataclass(frozen=True)
class Setting:
    """A value, and the option or variable that it came from."""

    value: str
    source: str
    read: Callable[[], str] | None = None
    """Reads it again, where it stands in a file."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what every verb takes that calls the API."""
    group = parser.add_argument_group("connection")
    group.add_argument("--url", metavar="URL", help="where Bellhop is; without it, BELLHOP_URL")
    group.add_argument(
        "--token-file",
        metavar="FILE",
        help="a file with the token, or - for the standard input; without it, BELLHOP_TOKEN or BELLHOP_TOKEN_FILE",
    )


def connect(arguments: argparse.Namespace) -> Client:
    """Return a client. Raises UsageError, which names the option or variable that is missing or wrong."""
    url, token = url_of(arguments, os.environ), token_of(arguments, os.environ)
    arguments.called = f"{url.value} ({url.source})", token.source
    _check(token.source, lambda: Token(token.value))
    _check(url.source, lambda: Link(url.value, Token(token.value)))
    return Client(url.value, token.read or token.value, retries=RETRIES)


def _check(source: str, make: Callable[[], object]) -> None:
    try:
        make()
    except ValueError as error:
        raise UsageError(f"{source}: {str(error).partition(': ')[2]}") from None


def url_of(arguments: argparse.Namespace, env: Mapping[str, str]) -> Setting:
    """Return where Bellhop is. Raises UsageError where nothing says so."""
    if arguments.url:
        return Setting(arguments.url, "--url")
    if env.get("BELLHOP_URL"):
        return Setting(env["BELLHOP_URL"], "BELLHOP_URL")
    raise UsageError("BELLHOP_URL: is not set; it says where Bellhop is, such as http://127.0.0.1:8000 (or --url)")


def token_of(arguments: argparse.Namespace, env: Mapping[str, str]) -> Setting:
    """Return the token. Raises UsageError where there is none, or its file cannot be read."""
    text, path = env.get("BELLHOP_TOKEN"), env.get("BELLHOP_TOKEN_FILE")
    if arguments.token_file:
        return _read("--token-file", arguments.token_file)
    if text and path:
        raise UsageError("BELLHOP_TOKEN and BELLHOP_TOKEN_FILE are both set; keep one of them")
    if path:
        return _read("BELLHOP_TOKEN_FILE", path)
    if text:
        return Setting(text, "BELLHOP_TOKEN")
    raise UsageError("BELLHOP_TOKEN: is not set; or name a file with the token: BELLHOP_TOKEN_FILE or --token-file")


def _read(source: str, path: str) -> Setting:
    if path == "-":
        return Setting(_text_of(source, path), source)
    read = partial(_text_of, source, path)
    return Setting(read(), source, read)


def _text_of(source: str, path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text of ASCII characters"
        raise UsageError(f"{source}: cannot read {path}: {reason}") from None
