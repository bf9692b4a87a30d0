"""Operations on the logs of jobs."""

from typing import Any

from bellhop_client.errors import Withheld
from bellhop_client.exchange import Flow, Items, Pause, Request, Ring, send
from bellhop_client.jobs import JobRef
from bellhop_client.reading import read
from bellhop_client.views import ENDED, JobLog
from bellhop_client.writing import path_of, query_of

PERIOD = 1.0
"""Seconds between two looks where no stream can be had; a worker writes what is new about as often."""
MOST_FAILURES = 2
"""Streams in a row that were refused or broke off, after which no other is asked for."""


def logs(job: JobRef, *, after: int = 0) -> Flow[JobLog]:
    """Return what a job has logged and printed, the newest 64 KiB; `after`: only lines with a higher number."""
    return send(Request("GET", path_of("jobs", job, "logs"), query_of(after=after or None)), _log)


def _log(data: Any) -> JobLog:
    return read(JobLog, data)


def follow_logs(job: JobRef, *, after: int = 0) -> Flow[None]:
    """Iterate over what a job logs, from its first line that is kept until it has ended, as it is written.

    A stream of the server's says when there is something new. Where none can be had, for their number is limited,
    the client looks once a second. Raises Withheld where the token has no right to see payloads.
    """
    failures = 0
    while True:
        log = yield from logs(job, after=after)
        if log.withheld:
            raise Withheld("the log")
        yield Items(log.entries)
        if log.state in ENDED:
            return
        after = max(after, log.last)
        if failures < MOST_FAILURES:
            rang = yield Ring((f"job_news:{_id(job)}",))
            failures = 0 if rang else failures + 1
        else:
            yield Pause(PERIOD)


def _id(job: JobRef) -> str:
    return str(getattr(job, "id", job))
