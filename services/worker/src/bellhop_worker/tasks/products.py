"""The products' bodies."""

import time

from bellhop import products
from bellhop_worker.binding import body
from bellhop_worker.run import Run

SECONDS = 3


@body(products.very_slow_add)
def very_slow_add(run: Run, *, a: int, b: int) -> int:
    """Think for three seconds, saying so each second, and add."""
    for second in range(SECONDS):
        run.progress(second, SECONDS, "thinking")
        time.sleep(1)
    run.progress(SECONDS, SECONDS, "done")
    return a + b
