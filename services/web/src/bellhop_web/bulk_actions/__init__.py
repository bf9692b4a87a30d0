"""Bulk actions: retrying and cancelling all jobs that a query finds."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"bulk-actions": "Retry or cancel the jobs that a query finds, all of them or none"},
    api=("api", "api_action"),
    pages=("pages",),
    links=(Link(label="Bulk actions", path="/bulk-actions", access=Access.OPERATOR),),
    examples="examples",
    located=("retry_jobs", "cancel_jobs"),
)
