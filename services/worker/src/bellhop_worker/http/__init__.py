"""The HTTP client for URLs that strangers gave us, safe against requests into private networks."""

from bellhop_worker.http.allow_list import AllowList
from bellhop_worker.http.errors import FetchError, FetchFailed, FetchRefused, Unreachable
from bellhop_worker.http.limits import Limits
from bellhop_worker.http.pages import Page, fetch
from bellhop_worker.http.ports import parse_ports
from bellhop_worker.http.sending import Outgoing, Reply, send

__all__ = [
    "AllowList",
    "FetchError",
    "FetchFailed",
    "FetchRefused",
    "Limits",
    "Outgoing",
    "Page",
    "Reply",
    "Unreachable",
    "fetch",
    "parse_ports",
    "send",
]
