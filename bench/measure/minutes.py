"""The first ten minutes: how long the environment and the local stack take from a fresh clone."""

import os
from collections.abc import Iterator

from bench import first_minutes
from bench.measure.figure import Figure

ENVIRONMENT, LOCAL = 45, 8


def seconds() -> Iterator[Figure]:
    """Measure both once; on a machine that is busy with other things they are larger."""
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores; python -m bench.first_minutes 3: three rounds"
    try:
        measured = first_minutes.measure()
    except first_minutes.NotMeasured as error:
        environment, ready, load = None, None, str(error).strip().rpartition("\n")[2]
    else:
        environment, ready = round(measured.environment, 1), round(measured.first_start, 1)
    yield Figure("seconds until the environment stands", environment, ENVIRONMENT, load)
    yield Figure("seconds until `make local` is ready", ready, LOCAL, load)
