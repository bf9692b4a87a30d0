"""Payloads: the arguments of schedules are shown to who may see those of jobs; others see that they are withheld."""

from typing import TypeVar

from bellhop_web.auth.callers import current_caller
from bellhop_web.schedules.views import ChangeView, ScheduleView

S = TypeVar("S", bound=ScheduleView)
C = TypeVar("C", bound=ChangeView)
MARK = "withheld"


def are_withheld() -> bool:
    """Whether the caller sees schedules without their arguments."""
    caller = current_caller()
    return caller.sees_all and not caller.sees_payloads


def shown(schedule: S) -> S:
    """Return a schedule as the caller may see it."""
    return without_args(schedule) if are_withheld() else schedule


def without_args(schedule: S) -> S:
    """Return a schedule without its arguments."""
    return schedule.model_copy(update={"args": {}, "withheld": ["args"]})


def shown_change(change: C) -> C:
    """Return a change as the caller may see it."""
    return change_without_args(change) if are_withheld() else change


def change_without_args(change: C) -> C:
    """Return a change without the arguments in it."""
    if "args" not in change.changes:
        return change
    return change.model_copy(update={"changes": change.changes | {"args": [MARK, MARK]}, "withheld": ["changes.args"]})
