"""Failures: what fails and is tried again, by its reason."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"failures": "Why jobs fail: failures and retries, grouped by their reason"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Why", path="/failures", access=Access.VIEWER),),
    examples="examples",
)
