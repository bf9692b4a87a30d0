"""Between a zone's wall clock and UTC, where the clock jumps too."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bellhop.errors import Fault, Invalid

LONGEST_NAME = 64


class NotAZone(Invalid):
    """This is not a time zone."""

    def __init__(self, name: str):
        message = f"{name[:LONGEST_NAME]!r} is not a time zone of the IANA database, such as Europe/Vienna or UTC"
        super().__init__(message, faults=[Fault("zone", message)])


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """Give a zone by its IANA name. Raises NotAZone."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):  # a folder or a path instead of a name raises the latter two
        raise NotAZone(name) from None


def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment at which the zone's clock first shows a time or, where it skips that time, the first after it."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment if shown(moment, zone) == wall else end_of_gap(wall, zone)


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Give what the zone's clock shows, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment at which the clock jumps over a time that it never shows.

    PEP 495: read with fold=1, such a time lies before the jump, and with fold=0 after it.
    """
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    return first_change(before, after, zone)


def first_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Give the one moment between two, to the second, at which the zone's offset from UTC changes."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = before.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
