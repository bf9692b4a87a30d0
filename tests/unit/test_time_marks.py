"""The outages of a time bar: when nobody of several services was alive."""

from datetime import UTC, datetime, timedelta

import pytest

from bellhop_web.timeline.marks import Change, gaps

START = datetime(2030, 1, 31, 2, tzinfo=UTC)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else START + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("changes", "alive", "earlier", "expected"),
    [
        ("", "", False, []),
        ("", "", True, [(None, None)]),
        ("", "a", True, []),
        ("+a1", "a", False, []),
        ("+a1", "a", True, [(None, 1)]),
        ("-a1 +a3", "a", True, [(1, 3)]),
        ("-a1 +b3", "b", True, [(1, 3)]),
        ("-a1 -b2 +a4 +b5", "ab", True, [(2, 4)]),
        ("-a1 +b1 -b2", "", True, [(2, None), (1, 1)]),
        ("-a1 +a2 -a3 +a4 -a5", "", True, [(5, None), (3, 4), (1, 2)]),
        ("+b1 -a2", "b", True, []),
        ("+a1 -a2", "", False, [(2, None)]),
    ],
)
def test_an_outage_is_when_nobody_is_alive(
    changes: str, alive: str, *, earlier: bool, expected: list[tuple[int | None, int | None]]
) -> None:
    known = [Change(START + timedelta(minutes=int(one[2:])), one[1], one[0] == "+") for one in changes.split()]

    assert list(gaps(known, set(alive), earlier=earlier)) == [(at(begin), at(end)) for begin, end in expected]
