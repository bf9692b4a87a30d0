"""Output: tables for people, JSON for programs. What others wrote cannot control the terminal."""

import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any

GAP = "  "
LEAST = 8
"""Characters that a last column has at least, however narrow the terminal is."""


def prepare_output() -> None:
    """Make the outputs take every text: one that was closed leads nowhere, and one that is not UTF-8 escapes."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the process ends)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_json(value: Any) -> None:
    """Print one thing as one document."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=_speaks_ascii()))


def print_json_line(value: Any) -> None:
    """Print one of many things as a line, at once."""
    print(json.dumps(plain(value), ensure_ascii=_speaks_ascii()), flush=True)


def _speaks_ascii() -> bool:
    """Whether JSON has to be escaped, because the output cannot take all of Unicode."""
    return not (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def plain(value: Any) -> Any:
    """Return a view as JSON has it."""
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def print_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns. On a terminal, the last column is cut where the line would not fit."""
    lines = [tuple(header), *(tuple(map(shown, row)) for row in rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)][:-1]
    left = room() - sum(widths) - len(GAP) * len(widths)
    for line in lines:
        cells = [pad(text, wide) for text, wide in zip(line[:-1], widths, strict=True)]
        print(GAP.join([*cells, cut(line[-1], max(left, LEAST))]).rstrip())


def print_facts(facts: dict[str, Any]) -> None:
    """Print names and values, one below the other, without those that are not there."""
    there = {name: value for name, value in facts.items() if value is not None and value != ""}
    wide = max(map(len, there), default=0)
    for name, value in there.items():
        for number, line in enumerate(str(shown(value, lines=True)).splitlines() or [""]):
            print(f"{'' if number else name:{wide}}{GAP}{line}".rstrip())


def room() -> int:
    """Return how many characters a line may have: as the terminal is wide; in a pipe, any number."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def shown(value: Any, *, lines: bool = False) -> str:
    """Return a value as people read it: times in the zone of this machine, nothing that controls a terminal."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, dict | list):
        return clean(json.dumps(plain(value), ensure_ascii=False))
    return clean(str(value), lines=lines)


def clean(text: str, *, lines: bool = False) -> str:
    """Return a text without control characters; the ends of lines stay where they may."""
    return "".join(one if _may_stand(one, lines) else "\N{REPLACEMENT CHARACTER}" for one in text)


def _may_stand(one: str, lines: bool) -> bool:
    return one.isprintable() or (lines and one in "\n\t") or unicodedata.category(one) == "Zs"


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(_columns(one) for one in text)


def _columns(one: str) -> int:
    if unicodedata.combining(one):
        return 0
    return 2 if unicodedata.east_asian_width(one) in "WF" else 1


def pad(text: str, wide: int) -> str:
    """Return a text with blanks behind it."""
    return text + " " * (wide - width(text))


def cut(text: str, most: int) -> str:
    """Return as much of a text as fits."""
    if width(text) <= most:
        return text
    while text and width(text) > most - 1:
        text = text[: most - 1] if len(text) > most else text[:-1]
    return f"{text}\N{HORIZONTAL ELLIPSIS}"


def complain(message: str) -> None:
    """Print a line to the error output."""
    print(f"bellhop: {clean(message, lines=True)}", file=sys.stderr)
