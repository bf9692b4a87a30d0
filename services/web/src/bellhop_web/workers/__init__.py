"""Workers: what each of them runs, and taking one out of service without losing what it runs."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"workers": "Who runs the jobs, and draining one"},
    api=("api",),
    pages=("pages",),
    links=(Link(label="Workers", path="/workers", access=Access.VIEWER),),
    examples="examples",
)
