"""HTTP endpoints: tasks whose body is a service of somebody else, called over HTTP."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    api=("api",),
    examples="examples",
)
