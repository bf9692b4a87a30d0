"""Values: what is written on a command line, read. Each function raises ArgumentTypeError, which argparse reports."""

import json
import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
DURATION = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+(?:\.[0-9]+)?)s)?")
SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def duration(text: str) -> timedelta:
    """Read a length of time: seconds, or days, hours, minutes and seconds as in 1h30m."""
    found = DURATION.fullmatch(text)
    if SECONDS.fullmatch(text):
        seconds = float(text)
    elif found and text:
        seconds = sum(float(part) * unit for part, unit in zip(found.groups(), UNITS.values(), strict=True) if part)
    else:
        raise ArgumentTypeError(f"must be a length of time such as 90, 5m or 1h30m, not {text!r}")
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ArgumentTypeError(f"{text} is too long") from None


def moment(text: str) -> datetime:
    """Read a date: ISO 8601, in the time zone of this machine where it names none."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"must be a date such as 2037-01-31T09:30:00Z, not {text!r}") from None


def ago(text: str) -> datetime:
    """Read a date, or how long ago it was."""
    return _away(text, -1, "2h (ago)")


def ahead(text: str) -> datetime:
    """Read a date, or in how long it will be."""
    return _away(text, 1, "2h (from now)")


def _away(text: str, sign: int, example: str) -> datetime:
    try:
        return datetime.now(UTC) + sign * duration(text)
    except (ArgumentTypeError, OverflowError):
        pass
    try:
        return moment(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}; or {example}") from None


def argument(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE, an argument of a task. The value is JSON, or else the text as it stands."""
    name, is_there, value = text.partition("=")
    if not name or not is_there:
        raise ArgumentTypeError(f"{text!r} must be NAME=VALUE")
    try:
        return name, json_of(value)
    except ArgumentTypeError:
        return name, value


def json_of(text: str) -> Any:
    """Read JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ArgumentTypeError(f"must be JSON: {error}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def count(text: str) -> int:
    """Read a number from 1."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
        raise ArgumentTypeError(f"must be a number from 1, not {text!r}")
    return int(text)
