"""The style guide: each element of the pages in each state, for those who build pages. Production has none."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    pages=("pages",),
)
