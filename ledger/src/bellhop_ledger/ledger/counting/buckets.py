"""Buckets: lengths of time counted on a logarithmic scale, so that any number of them is kept as a few numbers.

The first bucket is what took less than a millisecond. Those after it are a quarter of an octave wide each: the upper
bound of each is 1.19 times its lower one, so a percentile that is read from them is wrong by at most ERROR.
"""

from collections.abc import Mapping
from math import ceil, floor, log2

PER_OCTAVE = 4
SHORTEST = 0.001
"""Seconds; what took less is in the bucket 0."""
LAST = 150
"""What took longer than six years is in this one, too."""
ERROR = 2 ** (1 / (2 * PER_OCTAVE)) - 1
"""How far a percentile is from the true one at most, as a part of it; of those below a millisecond, half of one."""


def bucket_of(seconds: float) -> int:
    """Return the bucket of a length of time."""
    if seconds < SHORTEST:
        return 0
    return min(1 + floor(PER_OCTAVE * log2(seconds / SHORTEST)), LAST)


def bucket_in_sql(seconds: str) -> str:
    """Return the SQL of the bucket of a length of time, which is SQL for seconds as float8, or NULL."""
    octaves = f"ln({seconds} / {SHORTEST}) / ln(2.0::float8)"
    return f"""CASE WHEN {seconds} < {SHORTEST} THEN 0
        ELSE least(1 + CAST(floor({PER_OCTAVE} * {octaves}) AS int), {LAST}) END"""


def seconds_of(bucket: int) -> float:
    """Return the length of time that stands for a bucket: the geometric middle of its bounds."""
    return SHORTEST / 2 if bucket == 0 else SHORTEST * float(2 ** ((bucket - 0.5) / PER_OCTAVE))


def percentile(counted: Mapping[int, int], share: float) -> float | None:
    """Return the length of time (seconds) that so great a share of all did not exceed, by the nearest-rank method.

    `counted` is how many there are in each bucket; nothing of none. `share` is above 0 and at most 1.
    """
    rank, passed = ceil(share * sum(counted.values())), 0
    for bucket in sorted(counted):
        passed += counted[bucket]
        if passed >= rank:
            return seconds_of(bucket)
    return None
