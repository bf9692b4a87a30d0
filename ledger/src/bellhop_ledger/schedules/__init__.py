"""Schedules: what runs again and again, or once at a date; rows that people edit and the code declares."""

from bellhop.policy import CatchUp, Cron, Every, Overlap
from bellhop_ledger.schedules.tables import Outcome, Schedule, ScheduleChange, ScheduleRun, Source
from bellhop_ledger.schedules.timing import Timing

__all__ = [
    "CatchUp",
    "Cron",
    "Every",
    "Outcome",
    "Overlap",
    "Schedule",
    "ScheduleChange",
    "ScheduleRun",
    "Source",
    "Timing",
]
