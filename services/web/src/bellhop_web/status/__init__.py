"""Status: in one line what is wrong, at the top of the pages of all but members."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"status": "What is wrong now, in words, as it stands at the top of the pages of all but members"},
    api=("api",),
    pages=("line",),
    examples="examples",
)
