"""Mails: what was sent to whom, for operators."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"mails": "What was written to whom, and whether it was sent"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Mails", path="/mails", access=Access.OPERATOR),),
    examples="examples",
)
