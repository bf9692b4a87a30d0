"""Health: is the process alive, and can it do its work."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"health": "For load balancers and people on call; open to everybody"},
    api=("api",),
    examples="examples",
)
