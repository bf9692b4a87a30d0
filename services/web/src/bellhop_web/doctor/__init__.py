"""Doctor: what is wrong with the installation, and what to do about it."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"doctor": "What is wrong with the installation, and what to do about it"},
    api=("api",),
    examples="examples",
)
