"""Timeline: counts of jobs over time, as an API and as the time bar that other pages include."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"counts": "How many jobs were submitted and how they ended, and how long they waited and ran"},
    api=("api",),
    examples="examples",
)
