"""How times, lengths and amounts read on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from bellhop_web.site.format import ago, amount, length, plural, size, when


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (0.0134, "13 ms"),
        (1.25, "1.2 s"),
        (2, "2 s"),
        (59.7, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (90_061, "1 d 1 h"),
        (3379 * 86_400 + 25_200, "9 y 94 d"),
        (timedelta(minutes=5), "5 min"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(seconds: float | timedelta | None, words: str) -> None:
    assert length(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(None, "–"), (0, "0"), (1234567, "1,234,567"), (2.5, "2.50")])
def test_an_amount_has_its_thousands_apart(number: float | None, words: str) -> None:
    assert amount(number) == words


@pytest.mark.parametrize(
    ("count", "words"), [(None, "–"), (0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (123_456_789, "123 MB")]
)
def test_a_number_of_bytes_is_told_in_the_unit_that_fits(count: int | None, words: str) -> None:
    assert size(count) == words


def test_one_is_not_many() -> None:
    assert [plural(1, "job"), plural(2, "job"), plural(0, "entry", "entries")] == ["1 job", "2 jobs", "0 entries"]


def test_a_moment_is_written_for_programs_and_people() -> None:
    moment = datetime(2030, 1, 31, 9, 30, tzinfo=UTC)

    assert when(moment) == '<time datetime="2030-01-31T09:30:00+00:00">31 Jan 2030, 09:30:00 UTC</time>'
    assert ">in " in ago(moment)


@pytest.mark.parametrize(
    ("seconds", "words"), [(599, "in 9 min 59 s"), (2_555, "in 42 min"), (86_400 * 400, "in 1 y 35 d")]
)
def test_how_far_a_moment_is_from_now_is_told_without_seconds_that_pass(
    seconds: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2030, 1, 31, tzinfo=UTC)
    monkeypatch.setattr("bellhop_web.site.format.clock.now", lambda: now)

    assert f">{words}</time>" in ago(now + timedelta(seconds=seconds))
