"""The fetches' body."""

from bellhop import fetches
from bellhop.errors import Permanent
from bellhop.fetches import Page
from bellhop_worker.binding import body
from bellhop_worker.http import AllowList, FetchRefused, Limits, fetch
from bellhop_worker.settings import WorkerSettings


@body(fetches.fetch_url)
def fetch_url(*, url: str) -> Page:
    """Fetch the URL; what can never be allowed fails at once, a fault of the network is tried again."""
    try:
        page = fetch(url, allow=AllowList.parse(WorkerSettings.load().fetch_allow), limits=Limits())
    except FetchRefused as refused:
        raise Permanent(str(refused)) from refused
    return Page(status=page.status, bytes=page.bytes, seconds=page.seconds)
