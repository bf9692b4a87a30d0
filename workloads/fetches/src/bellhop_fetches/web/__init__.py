"""What the web service serves of fetches."""

from bellhop_web.plugin import Domain, Link

domain = Domain(
    package=__name__,
    tags={"fetches": "Many slow URLs at once"},
    api=("api",),
    pages=("pages",),
    links=(
        Link(
            label="Fetches",
            path="/fetches",
            words="Paste addresses, fetch them all at once, and see how much time that saved.",
        ),
    ),
    examples="examples",
    located=("submit_fetch",),
    costly=("fetches.submit_fetch", "fetches_pages.submit"),
)
