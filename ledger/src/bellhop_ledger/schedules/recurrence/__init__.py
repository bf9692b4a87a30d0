"""When something happens again: crontab, interval or once. Pure reckoning: it reads neither clock nor database."""

from bellhop_ledger.schedules.recurrence.base import Recurrence
from bellhop_ledger.schedules.recurrence.crontab import Crontab
from bellhop_ledger.schedules.recurrence.fields import NotACrontab
from bellhop_ledger.schedules.recurrence.plain import Interval, Once

__all__ = [
    "Crontab",
    "Interval",
    "NotACrontab",
    "Once",
    "Recurrence",
]
