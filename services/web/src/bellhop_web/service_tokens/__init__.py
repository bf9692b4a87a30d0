"""Service tokens: what applications come in with. Admins make, change, rotate and end them."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"service-tokens": "Tokens of applications: what they may submit and manage, by patterns of names"},
    api=("api",),
    pages=("pages", "pages_change"),
    links=(Link(label="Tokens", path="/service-tokens", access=Access.ADMIN),),
    examples="examples",
)
