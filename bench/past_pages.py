"""The pages and lists that operators ask for, by every filter there is, and how long each takes."""

import http.client
import re
from contextlib import closing
from functools import partial
from statistics import quantiles
from urllib.parse import urlencode

from bench.past_jobs import FAULTLESS, RARE, STOPPED, USUAL
from bench.sequence import in_sequence
from tests.stack import TOKEN, Stack

ASKED = 40
"""How often each is asked for."""
TASKS = {
    "a usual one": USUAL,
    "a rare one": RARE,
    "one that never failed": FAULTLESS,
    "one that stopped days ago": STOPPED,
    "one that never ran": "bench.none",
}
MIDDLE = """SELECT to_char(now() AT TIME ZONE 'UTC' - interval '3 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
OLD_JOB = "SELECT id FROM jobs WHERE tier = 1 ORDER BY created_at LIMIT 1"
GIVEN_UP = 503
"""The answer where the database has taken too long."""
PATIENCE = 1_000.0
"""Milliseconds; what takes longer is asked for a few times only."""
CURSOR = re.compile(r"[?;&]cursor=([^\"&]+)")


def lists(middle: str) -> dict[str, dict[str, str]]:
    """Return the queries of the list of jobs."""
    return {
        "all": {},
        "all, submitted before": {"created_before": middle},
        "all, submitted after": {"created_after": middle},
        **{f"by state, {state}": {"state": state} for state in ("queued", "succeeded", "failed", "cancelled")},
        "retrying": {"state": "retrying"},
        **{f"by task, {name}": {"task": task} for name, task in TASKS.items()},
        **{f"by queue, {queue}": {"queue": queue} for queue in ("slow", "none-such")},
        **{f"by task and state, {name}, failed": {"task": task, "state": "failed"} for name, task in TASKS.items()},
        "by task and state, one that stopped days ago, succeeded": {"task": STOPPED, "state": "succeeded"},
        "by task and queue": {"task": USUAL, "queue": "default"},
        "by task and another queue": {"task": USUAL, "queue": "slow"},
        "by queue and state, cancelled": {"queue": "slow", "state": "cancelled"},
        "by queue and state, none such": {"queue": "none-such", "state": "succeeded"},
        "by state, failed, submitted before": {"state": "failed", "created_before": middle},
        "by task and queue, submitted before": {"task": USUAL, "queue": "default", "created_before": middle},
    }


def pages(stack: Stack) -> dict[str, str]:
    """Return the paths, by what they show; the web service runs."""
    [(middle,)] = stack.sql(MIDDLE)
    paths = {f"jobs, {name}": f"/jobs?{urlencode(query)}" for name, query in lists(middle).items()}
    before = paths["jobs, all, submitted before"]
    cursor = CURSOR.search(stack.http.get(before).text)
    old = stack.sql(OLD_JOB)
    [(schedule,)] = stack.sql("SELECT id FROM schedules WHERE source = 'api' LIMIT 1")
    return {
        "dashboard": "/dashboard",
        **paths,
        **({"jobs, all, submitted before, the next page": f"{before}&cursor={cursor[1]}"} if cursor else {}),
        "jobs, all, API": "/api/jobs",
        "jobs, by a rare task, API": f"/api/jobs?task={RARE}",
        **({"a job that ended a week ago": f"/jobs/{old[0][0]}"} if old else {}),
        "schedules": "/schedules",
        "schedules, those in trouble first": "/schedules?sort=trouble",
        "a schedule and its runs": f"/schedules/{schedule}",
        "mails": "/mails",
    }


def ask(connection: http.client.HTTPConnection, path: str) -> None:
    """Ask for a page and read it."""
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    assert answer.read()
    assert answer.status in {200, GIVEN_UP}, f"{path}: {answer.status}"


def timed(port: int, path: str, times: int = ASKED) -> tuple[float, float]:
    """Return the median and the 95th percentile of the time that a page takes, in milliseconds."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        one = partial(ask, connection, path)
        slow = max(in_sequence(one, 3)) > PATIENCE
        cuts = quantiles(in_sequence(one, 3 if slow else times), n=20, method="inclusive")
    return cuts[9], cuts[18]
