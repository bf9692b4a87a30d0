"""The timer, for tests of the whole."""

from tests.samples import Samples

samples = Samples(
    pages=("/timer",),
    tasks=("timer.tick",),
    operations=("show_timer",),
    public=("show_timer",),
    live=lambda stack: ["/timer"],
)
