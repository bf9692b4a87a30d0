"""Search: the language in which jobs are looked for, in the API, on pages and by `bellhop jobs`."""

from bellhop_web.domain import Domain
from bellhop_web.search.terms import Search, parse, parse_leniently

__all__ = ["Search", "domain", "parse", "parse_leniently"]

domain = Domain(
    package=__name__,
    tags={"search": "How jobs are looked for: what a query may say, and what fits into one"},
    api=("api",),
    examples="examples",
)
