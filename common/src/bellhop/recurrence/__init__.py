"""When something happens again: crontab, interval or once. Pure reckoning: it reads neither clock nor database."""

from bellhop.recurrence.base import Recurrence
from bellhop.recurrence.crontab import Crontab
from bellhop.recurrence.fields import NotACrontab
from bellhop.recurrence.plain import Interval, Once
from bellhop_ledger.platform.zones import NotAZone, find_zone, moment_of, zone_names

__all__ = [
    "Crontab",
    "Interval",
    "NotACrontab",
    "NotAZone",
    "Once",
    "Recurrence",
    "find_zone",
    "moment_of",
    "zone_names",
]
