"""What the web service serves of the timer."""

from bellhop_web.plugin import Domain, Link

domain = Domain(
    package=__name__,
    tags={"timer": "The count that goes up by one every second"},
    api=("api",),
    pages=("pages",),
    links=(
        Link(
            label="Timer",
            path="/timer",
            words="One tick a second, on the second, counted exactly once however many containers run.",
        ),
    ),
    examples="examples",
)
