"""Schedules: what runs again and again, or once at a date; rows that people edit and the code declares."""

from bellhop.schedules.policy import CatchUp, Cron, Every, Overlap
from bellhop.schedules.tables import Outcome, Schedule, ScheduleChange, ScheduleRun, Source
from bellhop.schedules.timing import Timing

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
