"""Queues: what waits where, and who serves it."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"queues": "Where jobs wait for a worker"},
    api=("api",),
    examples="examples",
)
