"""The body of what only the next release knows."""

import next_signatures
import rolling_bodies

from bellhop_worker.engine.binding import body

body(next_signatures.news)(rolling_bodies.write)
