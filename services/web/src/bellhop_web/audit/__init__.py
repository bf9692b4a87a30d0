"""The audit: who did what to which thing, and from where."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"audit": "Who did what to which thing, and from where"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Audit", path="/audit", access=Access.ADMIN),),
    examples="examples",
    costly=("audit.export_audit",),
)
