"""Tasks: what can be asked for, what each takes, and how it has been doing."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"tasks": "What work there is"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Tasks", path="/tasks", access=Access.VIEWER),),
)
