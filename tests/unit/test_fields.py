"""Fields of requests: dates, numbers and keys."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bellhop_web.http.fields import IdempotencyKey, Wait, moment, query_moment
from bellhop_web.http.request import NotJson, parse

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-31T12:00:00Z",
        "2030-01-31t12:00:00z",
        "2030-01-31T12:00:00",
        "2030-01-31 12:00",
        "2030-01-31T14:00:00+02:00",
        "2030-01-31T14:00:00+0200",
        "20300131T120000Z",
        "2030-W05-4T12:00:00Z",
        "2030-01-31T12:00:00.000000Z",
    ],
)
def test_a_date_is_read_in_every_way_of_iso_8601(text: str) -> None:
    assert moment(text) == NOON
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize("seconds", [1_896_091_200, 1_896_091_200.0])
def test_a_date_is_read_in_seconds(seconds: float) -> None:
    assert moment(seconds) == NOON
    assert query_moment(str(seconds)) == NOON


@pytest.mark.parametrize(
    "value",
    [
        "",
        "noon",
        "2030-01-31x12:00:00Z",
        "17111123412",
        "２０３０-01-31",
        "10000-01-01",
        "9999-12-31T23:59:59-01:00",
        float("nan"),
        float("inf"),
        1e308,
        10**400,
        -(10**400),
        253_402_300_800,
        True,
        None,
        [],
        b"2030-01-31",
    ],
)
def test_what_is_no_date_between_the_years_1_and_9999_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="must be a date in ISO 8601"):
        moment(value)


@given(
    st.datetimes(
        min_value=datetime(1, 1, 3),
        max_value=datetime(9999, 12, 29),
        timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_every_date_that_python_writes_is_read_back(date: datetime) -> None:
    assert moment(date.isoformat()) == date


@given(st.text() | st.floats() | st.integers())
def test_a_date_is_read_or_refused_and_nothing_else_happens(value: Any) -> None:
    with suppress(ValueError):
        assert moment(value).tzinfo is UTC


@pytest.mark.parametrize("text", ["٥", "1_0", " 5", "+5", "nan", "infinity", "0x10", "5.", ".5", ""])
def test_a_number_of_a_query_is_written_as_in_json(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Wait).validate_python(text)
    with pytest.raises(ValueError, match="must be a date"):
        query_moment(text)


@pytest.mark.parametrize("key", ["a", "x" * 200, '"quoted"', "a/b:c", "!~"])
def test_a_key_of_visible_ascii_is_taken(key: str) -> None:
    assert TypeAdapter(IdempotencyKey).validate_python(key) == key


@pytest.mark.parametrize("key", ["", " ", "a,b", "a b", "x" * 201, "é", "a\n", "\0"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="visible ASCII"):
        TypeAdapter(IdempotencyKey).validate_python(key)


@pytest.mark.parametrize(("text", "value"), [("5.0", 5), ("1e3", 1000), ("-0.0", 0), ("5.5", 5.5), ("1e300", 1e300)])
def test_a_whole_number_is_a_whole_number_however_it_is_written(text: str, value: float) -> None:
    assert parse(text.encode()) == value
    assert type(parse(text.encode())) is type(value)


@pytest.mark.parametrize("text", [b"", b"NaN", b"{'a': 1}", b"\xff", b"9" * 5000, b"[" * 100_000])
def test_what_is_not_json_says_so(text: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        parse(text)

    assert [fault.field for fault in caught.value.faults] == ["body"]
