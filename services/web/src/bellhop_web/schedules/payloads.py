"""Payloads: arguments of schedules and errors of runs are shown to who may see those of jobs; others see a mark."""

from typing import TypeVar

from bellhop_web.auth.callers import current_caller
from bellhop_web.schedules.views import ChangeView, RunView, ScheduleView

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
    last_run = schedule.last_run and without_error(schedule.last_run)
    return schedule.model_copy(update={"args": {}, "withheld": ["args"], "last_run": last_run})


def shown_run(run: RunView) -> RunView:
    """Return a run as the caller may see it."""
    return without_error(run) if are_withheld() else run


def without_error(run: RunView) -> RunView:
    """Return a run with the type of its job's error, without the message."""
    return run.model_copy(update={"error": run.error and run.error.model_copy(update={"message": MARK})})


def shown_change(change: C) -> C:
    """Return a change as the caller may see it."""
    return change_without_args(change) if are_withheld() else change


def change_without_args(change: C) -> C:
    """Return a change without the arguments in it."""
    if "args" not in change.changes:
        return change
    return change.model_copy(update={"changes": change.changes | {"args": [MARK, MARK]}, "withheld": ["changes.args"]})
