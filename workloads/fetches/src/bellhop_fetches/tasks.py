"""The fetches' task: what web and worker share of it."""

from pydantic import BaseModel

from bellhop.http_status import HttpStatus
from bellhop.signature import Retry, signature
from bellhop.urls import AnyUrl


class Page(BaseModel):
    """What came back from one URL: HTTP status, size of the body in bytes, seconds that it took."""

    status: HttpStatus
    bytes: int
    seconds: float


@signature("fetches.fetch_url", soft_limit=45, hard_limit=60, retry=Retry(attempts=3, first=1))
def fetch_url(*, url: AnyUrl) -> Page:
    """Fetch one URL from the public internet and measure it. Safe to repeat: it is a GET."""
