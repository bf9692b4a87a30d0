"""Identifiers that sort by the time of their birth."""

import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import pytest

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import uuid7


def test_an_identifier_is_a_uuid_of_version_7() -> None:
    id = uuid7()

    assert (id.version, id.variant) == (7, RFC_4122)


def test_an_identifier_carries_the_millisecond_of_its_birth() -> None:
    before = time.time_ns() // 1_000_000
    born = uuid7().int >> 80
    after = time.time_ns() // 1_000_000

    assert before <= born <= after


def test_identifiers_sort_by_their_birth(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [0, 1_000, 999_999, 1_000_000, 1_000_500, 10**18, 10**18 + 300, 2**47 * 1_000_000]

    ids = []
    for moment in moments:
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment)
        ids.append(uuid7())

    assert ids == sorted(ids)
    assert [str(id) for id in ids] == sorted(str(id) for id in ids)


def test_identifiers_of_one_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)

    assert len({uuid7() for _ in range(1_000)}) == 1_000


def test_now_is_in_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=10)
