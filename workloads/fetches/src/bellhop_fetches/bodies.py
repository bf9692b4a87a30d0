"""The fetches' body."""

from bellhop.errors import Permanent
from bellhop_fetches import tasks
from bellhop_fetches.tasks import Page
from bellhop_worker.plugin import FetchFailed, FetchRefused, Unreachable, body, fetch


@body(tasks.fetch_url)
def fetch_url(*, url: str) -> Page:
    """Fetch the URL; what can never be allowed fails at once, a fault of the network is tried again.

    Anybody may have a URL fetched, so the error does not tell a port that is closed from one that is silent.
    """
    try:
        page = fetch(url, for_people=True)
    except FetchRefused as refused:
        raise Permanent(str(refused)) from None
    except Unreachable:
        raise FetchFailed("the address could not be reached, or gave no valid answer in time") from None
    return Page(status=page.status, bytes=page.bytes, seconds=page.seconds)
