"""Status: in one line what is wrong, at the top of every operator's page."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"status": "What is wrong now, in words, as it stands at the top of every operator's page"},
    api=("api",),
    pages=("line",),
    examples="examples",
)
