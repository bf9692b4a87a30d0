"""Completions: what becomes of jobs whose work goes on at an HTTP endpoint, as the endpoint says."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"completions": "A service that has answered 202 tells what becomes of the job"},
    api=("api",),
    examples="examples",
)
