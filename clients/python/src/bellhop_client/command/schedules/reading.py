"""Reading a file of schedules: JSON or YAML, in the encodings of Unicode, with the lines of its parts in YAML."""

import codecs
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from bellhop_client.command import values
from bellhop_client.command.errors import UsageError
from bellhop_client.writing import encoded

MOST_SCHEDULES, MOST_BYTES = 10_000, 16_000_000
"""What the API takes at once."""
FORMATS = ("json", "yaml")
SUFFIXES = {".yaml": "yaml", ".yml": "yaml"}


@dataclass(frozen=True)
class Found:
    """What stands in a file."""

    document: dict[str, Any]
    line_of: Callable[[str], int | None]
    """Returns the line of a part, by its path such as `schedules.3.crontab`; None where lines are not known."""

    @property
    def schedules(self) -> list[Any]:
        """The schedules, which may be anything."""
        return list(self.document["schedules"])


def read(path: str, format: str | None) -> Found:
    """Return what stands in a file, or for - in the standard input. Raises UsageError."""
    text = _decoded(_bytes_of(path))
    if (format or SUFFIXES.get(Path(path).suffix.lower())) == "yaml":
        document = yaml_text().read_document(text)
        if document.faults:
            raise UsageError("nothing was sent:\n" + "\n".join(document.faults))
        return Found(_checked(document.value), document.line_of)
    try:
        return Found(_checked(values.json_of(text)), lambda _: None)
    except ArgumentTypeError as error:
        raise UsageError(f"argument FILE: {path}: {error}; --format yaml reads YAML") from None


def yaml_text() -> ModuleType:
    """Return what reads and writes YAML. Raises UsageError where PyYAML is not installed."""
    try:
        return import_module("bellhop_client.command.schedules.yaml_text")
    except ImportError:
        raise UsageError("YAML needs PyYAML, which is not installed: pip install 'bellhop-client[yaml]'") from None


def _bytes_of(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"argument FILE: cannot read {path}: {error.strerror}") from None


def _decoded(data: bytes) -> str:
    """Read UTF-8, and UTF-16 with its mark, in which PowerShell writes files."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"the file is not {encoding.removesuffix('-sig').upper()}: {error.reason}") from None


def _checked(document: Any) -> dict[str, Any]:
    """Return a document. Raises UsageError for one that holds no schedules, or more than are taken at once."""
    if not isinstance(document, dict) or not isinstance(document.get("schedules"), list):
        raise UsageError("the file must have a list under `schedules`")
    if (count := len(document["schedules"])) > MOST_SCHEDULES:
        raise UsageError(
            f"the file has {count:,} schedules, and at most {MOST_SCHEDULES:,} are taken at once: divide it"
        )
    if (size := len(encoded(document))) > MOST_BYTES:
        raise UsageError(f"the file makes {size:,} bytes, and at most {MOST_BYTES:,} are taken at once: divide it")
    return document
