"""Tasks: what can be asked for."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"tasks": "What work there is"},
    api=("api",),
)
