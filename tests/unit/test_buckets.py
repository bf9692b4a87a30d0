"""Percentiles from buckets are as near to the exact ones as is said."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bellhop_ledger.ledger.counting.buckets import ERROR, LAST, SHORTEST, bucket_of, percentile, seconds_of

SECONDS = some.floats(min_value=0, max_value=1e8, allow_nan=False)


@given(some.lists(SECONDS, min_size=1, max_size=200), some.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_percentile_is_within_the_error_of_the_exact_one(values: list[float], share: float) -> None:
    exact = sorted(values)[ceil(share * len(values)) - 1]

    found = percentile(Counter(map(bucket_of, values)), share)

    assert found == pytest.approx(exact, rel=ERROR + 1e-9, abs=SHORTEST / 2)


@given(SECONDS, SECONDS)
def test_what_takes_longer_is_in_no_lower_bucket(one: float, other: float) -> None:
    shorter, longer = sorted([one, other])

    assert bucket_of(shorter) <= bucket_of(longer)


@given(some.integers(0, LAST))
def test_the_length_that_stands_for_a_bucket_is_in_it(bucket: int) -> None:
    assert bucket_of(seconds_of(bucket)) == bucket


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None
