"""What a crontab means, in plain English."""

from itertools import pairwise

from bellhop_ledger.schedules.recurrence.fields import Entry
from bellhop_ledger.schedules.recurrence.pattern import Pattern

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = [1, 2, 3, 4, 5]
MOST_TIMES = 4
"""So many times of day are written out one by one."""


def say(pattern: Pattern) -> str:
    """Return it in words: 'every weekday at 02:30', 'every 5 minutes on Mondays', 'at 00:00 on the 1st'."""
    at_times, time = _time(pattern)
    dates, weekdays = _dates(pattern), _weekdays(pattern)
    of_months, in_months = _months(pattern)
    if dates:
        return f"{time} on {dates} {of_months}{_besides(pattern, weekdays, in_months)}"
    if at_times:
        return f"every {_each(weekdays)}{in_months} {time}"
    return f"{time}{_on(weekdays)}{in_months}"


def _besides(pattern: Pattern, weekdays: list[int], in_months: str) -> str:
    """Return what the days of the week add to dates, or take from them."""
    if not weekdays:
        return ""
    if pattern.either_day:
        return f" and on every {_each(weekdays)}{in_months}"
    return f", if that is a {_join(_names(weekdays), 'or')}"


def _time(pattern: Pattern) -> tuple[bool, str]:
    """Return whether these are times of day, and the words."""
    minutes, hours = _values(pattern.minutes), _values(pattern.hours)
    if len(minutes) * len(hours) <= MOST_TIMES:
        return True, f"at {_and([f'{hour:02}:{minute:02}' for hour in hours for minute in minutes])}"
    if len(minutes) == 1 and len(hours) < 24 and not _step(hours, 24):
        return _at_hours(minutes[0], hours)
    return False, f"{_pace(minutes, hours)}{_within(minutes, hours)}"


def _at_hours(minute: int, hours: list[int]) -> tuple[bool, str]:
    times = [f"{hour:02}:{minute:02}" for hour in _unbroken(hours, 24)]
    step = _equal_step(hours)
    if _is_run(_unbroken(hours, 24)):
        return False, f"every hour from {times[0]} to {times[-1]}"
    if step:
        return False, f"every {step} hours from {times[0]} to {times[-1]}"
    return True, f"at {_and(times)}"


def _pace(minutes: list[int], hours: list[int]) -> str:
    if len(minutes) == 60:
        return "every minute"
    if len(minutes) == 1:
        step = _step(hours, 24)
        return f"every {f'{step} hours' if step else 'hour'} at minute {minutes[0]}" if minutes[0] else _hours(step)
    if step := _step(minutes, 60):
        return f"every {step} minutes"
    if step := _equal_step(minutes):
        return f"every {'minute' if step == 1 else f'{step} minutes'} from minute {minutes[0]} to {minutes[-1]}"
    return f"at minutes {_and([str(minute) for minute in minutes])}"


def _hours(step: int) -> str:
    return f"every {step} hours" if step else "every hour"


def _within(minutes: list[int], hours: list[int]) -> str:
    """Return in which hours a pace of minutes holds."""
    if len(hours) == 24:
        return "" if len(minutes) == 1 or len(minutes) == 60 or _step(minutes, 60) else " of every hour"
    if len(minutes) == 1:
        return ""
    if step := _step(hours, 24):
        return f" of every {_ordinal(step)} hour from 00:00"
    if len(hours) == 1:
        return f" from {hours[0]:02}:00 to {hours[0]:02}:59"
    if _is_run(span := _unbroken(hours, 24)):
        return f" from {span[0]:02}:00 to {span[-1]:02}:59"
    return f" in the hours {_and([f'{hour:02}' for hour in hours])}"


def _dates(pattern: Pattern) -> str:
    days = _values(pattern.days)
    if len(days) == 31 or (pattern.either_day and len(_values(pattern.weekdays)) == 7):
        return ""
    if len(days) > MOST_TIMES and (step := _equal_step(days)):
        span = f"the {_ordinal(days[0])} to the {_ordinal(days[-1])}"
        return span if step == 1 else f"every {_ordinal(step)} day from {span}"
    return f"the {_and([_ordinal(day) for day in days])}"


def _weekdays(pattern: Pattern) -> list[int]:
    """Return the days of the week that matter; none if the field restricts nothing."""
    weekdays = _values(pattern.weekdays)
    if len(weekdays) == 7 or (pattern.either_day and len(_values(pattern.days)) == 31):
        return []
    return weekdays


def _each(weekdays: list[int]) -> str:
    if not weekdays:
        return "day"
    if weekdays == WEEKDAYS:
        return "weekday"
    return _and(_names(weekdays))


def _on(weekdays: list[int]) -> str:
    if not weekdays:
        return ""
    if weekdays == WEEKDAYS:
        return " on weekdays"
    return f" on {_and([f'{name}s' for name in _names(weekdays)])}"


def _names(weekdays: list[int]) -> list[str]:
    return [DAYS[day] for day in sorted(weekdays, key=lambda day: day or 7)]


def _months(pattern: Pattern) -> tuple[str, str]:
    """Return what follows on a date ('of March') and what follows on a time (' in March')."""
    months = _unbroken(_values(pattern.months), 12)
    names = [MONTHS[month - 1] for month in months]
    if len(months) == 12:
        return "of each month", ""
    if len(months) > 2 and _is_run(months):
        span = f"from {names[0]} to {names[-1]}"
        return f"of each month {span}", f" {span}"
    return f"of {_and(names)}", f" in {_and(names)}"


def _values(entry: Entry) -> list[int]:
    return [value for value in range(entry.values.bit_length()) if entry.values >> value & 1]


def _unbroken(values: list[int], size: int) -> list[int]:
    """Turn a round of hours or months so that one that passes its end stays in one piece: 22, 23, 0, 1."""
    breaks = [place for place, (a, b) in enumerate(pairwise(values), 1) if b - a > 1]
    if len(breaks) != 1 or (values[0] - values[-1]) % size != 1:
        return values
    return values[breaks[0] :] + values[: breaks[0]]


def _is_run(values: list[int]) -> bool:
    """Whether three values or more follow each other, also past the end of their round."""
    return len(values) > 2 and all(b - a == 1 or b - a < -1 for a, b in pairwise(values))


def _equal_step(values: list[int]) -> int:
    """Return the step between three values or more, or 0 where it is not always the same."""
    steps = {later - earlier for earlier, later in pairwise(values)}
    return steps.pop() if len(values) > 2 and len(steps) == 1 else 0


def _step(values: list[int], size: int) -> int:
    """Return the step that divides a whole hour or day evenly from its start, or 0."""
    step = _equal_step(values) or (values[-1] if len(values) == 2 and values[0] == 0 else 0)
    return step if step > 1 and values[0] == 0 and step * len(values) == size else 0


def _ordinal(number: int) -> str:
    ending = "th" if number // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _and(parts: list[str]) -> str:
    return _join(parts, "and")


def _join(parts: list[str], word: str) -> str:
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else parts[0]
