"""Notifications: who is informed when a schedule, a task or a queue fails or is late, for operators."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"notifications": "Who is informed when a schedule, a task or a queue fails, is late, or has recovered"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Notifications", path="/notifications", access=Access.OPERATOR),),
    examples="examples",
)
