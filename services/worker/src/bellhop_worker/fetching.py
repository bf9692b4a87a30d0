"""Fetching for tasks: the guarded client, with what the operator permits in FETCH_ALLOW and FETCH_PORTS."""

from bellhop_worker import http
from bellhop_worker.http import AllowList, Limits, Page, parse_ports
from bellhop_worker.settings import WorkerSettings

USUAL_LIMITS = Limits()


def fetch(
    url: str,
    *,
    limits: Limits = USUAL_LIMITS,
    keep_body: bool = False,
    for_people: bool = False,
    allow: AllowList | None = None,
) -> Page:
    """GET a page, following redirects; every status is a result. Private addresses are reached only by FETCH_ALLOW.

    `for_people` is for addresses that people choose: of public hosts only the ports of FETCH_PORTS may be asked.
    `allow` stands for FETCH_ALLOW, in tests. Raises FetchRefused, which trying again does not help, and FetchFailed.
    """
    permitted = AllowList.parse(WorkerSettings.load().fetch_allow) if allow is None else allow
    ports = parse_ports(WorkerSettings.load().fetch_ports) if for_people else None
    return http.fetch(url, allow=permitted, limits=limits, ports=ports, keep_body=keep_body)
