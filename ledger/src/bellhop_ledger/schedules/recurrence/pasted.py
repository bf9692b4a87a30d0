"""What people paste in place of five fields: lines of cron, Quartz, Kubernetes, systemd and AWS, refused by name."""

import re
from collections.abc import Sequence
from itertools import pairwise

from bellhop_ledger.schedules.recurrence.fields import FIELDS, MONTHS, WEEKDAYS, NotACrontab

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
WANTED = f"five fields are wanted: {', '.join(field.name for field in FIELDS)}"
VARIABLE = re.compile(r"(?:-\s*)?([A-Za-z_]\w*)\s*([:=])")
LOOK_ALIKES = dict.fromkeys("–—−‐‑‒", "-") | dict.fromkeys("∗＊⁎✱٭", "*") | dict.fromkeys("，、", ",") | {"／": "/"}
QUOTES = "\"'`“”„‘’"
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1b\x7f]")
FIELD_LIKE = re.compile(rf"(?:[\d*?/,~#-]|{'|'.join(MONTHS + WEEKDAYS)}|L|W|H(\(.*\))?)+", re.IGNORECASE)
"""What may stand in a field of Quartz, Spring or Jenkins."""
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|m|s))+")
RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)", re.IGNORECASE)
SECONDS = {"h": 3600, "m": 60, "s": 1, "hour": 3600, "minute": 60, "day": 86_400}
USERS = frozenset(("root", "www-data", "nobody", "daemon", "apache", "nginx", "postgres", "mysql", "ubuntu", "backup"))


def fields_of(text: str) -> list[str]:
    """Return the five fields of a crontab or an alias. Raises NotACrontab, which says what the text has besides."""
    parts = ALIASES.get(text.strip().lower(), text).split()
    if reason := _why_no_line(text) or _why_no_alias(parts) or _why_blanks(parts):
        raise NotACrontab(reason)
    if len(parts) == len(FIELDS):
        return parts
    if len(text.strip().splitlines()) > 1:
        raise NotACrontab("only one line is read; make a schedule of each line")
    raise NotACrontab(_why_too_many(parts) if len(parts) > len(FIELDS) else _why_too_few(text, parts))


def _why_no_line(text: str) -> str | None:
    """Return what is wrong with a line before it is split."""
    if found := INVISIBLE.search(text):
        return f"the invisible character U+{ord(found[0]):04X} stands in it"
    if sign := next((one for one in text if one in LOOK_ALIKES), None):
        return f"{sign!r} is not {LOOK_ALIKES[sign]!r}, and only resembles it"
    line = text.strip()
    if line.startswith("#"):
        return "this is a comment, for it begins with #"
    if (found := VARIABLE.match(line)) and not found[1].isdigit():
        return _why_no_variable(found[1], found[2])
    if line and line[0] in QUOTES:
        return "leave out the quotation marks"
    return None


def _why_no_variable(name: str, sign: str) -> str:
    if name.upper() in {"CRON_TZ", "TZ"}:
        return f"{name} is not read here; name the zone in time_zone, and leave it out"
    if name == "OnCalendar":
        return f"this is systemd's OnCalendar; {WANTED}"
    return f"{name}{sign} is no part of a crontab; leave it out"


def _why_no_alias(parts: Sequence[str]) -> str | None:
    word = parts[0].lower() if parts else ""
    if not word.startswith("@"):
        return None
    if word == "@every":
        return f"@every is not supported; give interval_seconds{_seconds(''.join(parts[1:]))} instead"
    if word == "@reboot":
        return "@reboot is not supported: schedules do not depend on a machine's start; give the times at which it runs"
    if word in ALIASES:
        return f"the command {_shortened(parts[1:])} is not read; a schedule names its task"
    if word in {"@minutely", "@every_minute"}:
        return f"{word} is not supported; write * * * * * instead"
    return f"{parts[0][:20]!r} is not one of {', '.join(ALIASES)}"


def _seconds(duration: str) -> str:
    """Write a duration of Go, such as 1h30m, in seconds; nothing if it is none."""
    if not DURATION.fullmatch(duration):
        return ""
    seconds = sum(float(count) * SECONDS[unit] for count, unit in re.findall(r"([\d.]+)([hms])", duration))
    return f" ({seconds:.0f})" if seconds >= 1 else ""


def _why_blanks(parts: Sequence[str]) -> str | None:
    """Return that a list, a range or a step contains a blank, where that is what is wrong."""
    for place, (left, right) in enumerate(pairwise(parts)):
        if place < len(FIELDS) and (left.endswith(",") or right.startswith(",")):
            return f"'{left[:20]} {right[:20]}' has a blank in its list; write {left[:20]}{right[:20]}"
    joined = re.sub(r"\s*([/-])\s*", r"\1", " ".join(parts))
    if len(joined.split()) == len(FIELDS) < len(parts) and all(map(FIELD_LIKE.fullmatch, joined.split())):
        return f"there is a blank beside - or /; write {joined[:80]}"
    return None


def _why_too_many(parts: Sequence[str]) -> str:
    fields, rest = parts[: len(FIELDS)], parts[len(FIELDS) :]
    if rest[0].startswith("#"):
        return f"the comment {_shortened(rest)} is not read; a schedule has a note"
    if all(map(FIELD_LIKE.fullmatch, parts)) and len(parts) <= 7:
        return (
            f"{WANTED}; these are {len(parts)}, and the seconds or years of Quartz and Spring are not supported, "
            "which also count the days of the week from 1, on Sunday, where here Sunday is 0"
        )
    if not all(map(FIELD_LIKE.fullmatch, fields)):
        return _why_no_calendar(parts) or f"{WANTED}; found {len(parts)}"
    if len(rest) > 1 and rest[0] in USERS:
        return f"the user {rest[0]!r} and the command {_shortened(rest[1:])} are not read; a schedule names its task"
    what = "user or command" if len(rest) > 1 and rest[0].isalnum() and rest[1].startswith("/") else "command"
    return f"the {what} {_shortened(rest)} is not read; a schedule names its task, and http.request calls a URL"


def _why_too_few(text: str, parts: Sequence[str]) -> str:
    if found := RATE.fullmatch(text.strip()):
        return f"rate() is not supported; give interval_seconds ({int(found[1]) * SECONDS[found[2].lower()]}) instead"
    if len(parts) == 1 and f"@{parts[0].lower()}" in ALIASES:
        return f"{parts[0][:20]!r} is written @{parts[0].lower()}"
    return _why_no_calendar(parts) or f"{WANTED}; found {len(parts)}"


def _why_no_calendar(parts: Sequence[str]) -> str | None:
    """Return that this is how systemd, AWS or people write a time, if it is."""
    if parts and parts[0].lower().startswith("cron("):
        return f"cron() is not supported; {WANTED}, without parentheses and without a year"
    if time := next((part for part in parts if re.fullmatch(r"[\d*]{1,2}(/\d+)?:[\d*/:.]+", part)), None):
        return f"{time[:20]!r} is a time of day, as systemd writes it; {WANTED}"
    if any(".." in part or part.count("-") == 2 for part in parts):
        return f"this is a calendar event of systemd; {WANTED}"
    return None


def _shortened(parts: Sequence[str]) -> str:
    return repr(" ".join(parts)[:40])
