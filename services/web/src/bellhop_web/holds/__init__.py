"""Holds: pausing and resuming queues, tasks and hosts."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"holds": "Pause a queue, a task or a host: its jobs are accepted and wait"},
    api=("api", "api_targets"),
    pages=("pages",),
    links=(Link(label="Paused", path="/holds", access=Access.VIEWER),),
    examples="examples",
)
