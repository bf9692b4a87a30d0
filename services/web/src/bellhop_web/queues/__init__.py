"""Queues: what waits where, who serves it, and when it will be empty."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"queues": "Where jobs wait for a worker"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Queues", path="/queues", access=Access.VIEWER),),
    examples="examples",
)
