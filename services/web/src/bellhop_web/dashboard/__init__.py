"""The dashboard: what is going on."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    pages=("pages",),
    links=(Link(label="Dashboard", path="/dashboard", access=Access.VIEWER),),
)
