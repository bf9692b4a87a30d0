"""Jobs: submitting, looking, waiting, cancelling and retrying."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link
from bellhop_web.http.limits import LARGE

domain = Domain(
    package=__name__,
    tags={"jobs": "Submit work, watch it, cancel it, try it again"},
    api=("api", "api_job", "api_logs"),
    pages=("pages",),
    links=(Link(label="Jobs", path="/jobs", access=Access.VIEWER),),
    examples="examples",
    located=("submit_job",),
    bodies={"/api/jobs/batch": LARGE},
)
