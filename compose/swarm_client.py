"""The client of swarm.sh: submits jobs while releases change, and proves that each of them ran once."""

import argparse
import collections
import http.client
import json
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from smoke_client import send

PATIENCE = 60.0
"""Seconds for which one request is tried again."""
LONGEST_END = 180.0
"""Seconds after the last request in which the last job must have ended, however busy the machine is."""
AWAY = (502, 503, 504)
"""What a proxy says while nobody is there to answer."""
SENDERS = 6
RECORDS = """
    SELECT json_build_object('key', args ->> 'key', 'state', state, 'attempt', attempt, 'id', id)
    FROM jobs WHERE task LIKE 'rolling.%'
"""
EFFECTS = "SELECT key FROM rolling_effects"


def task_of(number: int) -> tuple[str, dict[str, Any]]:
    """Return the task of one job: most are short, and some outlast the stop of a worker."""
    key = f"job-{number}"
    if number % 40 == 0:
        return "rolling.write_slow", {"key": key, "seconds": 6}
    if number % 40 == 20:
        return "rolling.write_leased", {"key": key, "seconds": 6}
    if number % 4 == 1:
        return "rolling.write_leased", {"key": key, "seconds": 0.05}
    return "rolling.write", {"key": key}


def submit_one(number: int) -> tuple[str, list[int]]:
    """Submit one job of the load."""
    return submit_task(*task_of(number))


def submit_task(task: str, args: dict[str, Any]) -> tuple[str, list[int]]:
    """Submit a job as a careful client does; return its id, and the statuses for which it was tried again."""
    deadline = time.monotonic() + PATIENCE
    refused: list[int] = []
    while True:
        try:
            status, answer = send("/api/jobs", {"task": task, "args": args}, {"Idempotency-Key": args["key"]})
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            status, answer = 0, repr(error).encode()
        if status == 202:
            return json.loads(answer)["id"], refused
        if status not in (0, *AWAY) or time.monotonic() > deadline:
            sys.exit(f"{task} {args}: {status} {answer.decode(errors='replace')[:500]}")
        refused.append(status)
        time.sleep(0.2)


def submit(jobs: int, rate: float, done: Path, receipts: Path) -> None:
    """Submit at a steady rate until the file `done` is there, but so many jobs at least; keep the receipts."""
    begun = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        futures = [pool.submit(submit_one, number) for number in numbers(jobs, rate, done)]
    accepted = [future.result() for future in futures]
    receipts.write_text(json.dumps([job_id for job_id, _ in accepted]))
    again = collections.Counter(status for _, refused in accepted for status in refused)
    print(f"{len(accepted)} jobs accepted in {time.monotonic() - begun:.0f} s", flush=True)
    if again:
        sys.exit(f"requests had to be tried again, by their status: {dict(again)}")


def news(count: int) -> None:
    """Submit jobs of the task that only the next release knows; web has just heard of it or hears of it now."""
    again = [status for number in range(count) for status in submit_task("rolling.news", {"key": f"news-{number}"})[1]]
    if again:
        sys.exit(f"requests had to be tried again: {again}")


def numbers(jobs: int, rate: float, done: Path) -> Iterator[int]:
    """Yield the numbers of the jobs, each in its time."""
    begun = time.monotonic()
    for number in count():
        while time.monotonic() < begun + number / rate and not done.exists():
            time.sleep(0.01)
        if number >= jobs and done.exists():
            return
        yield number


def ask_postgres(container: str, query: str) -> list[str]:
    """Run a query as the owner in the container of Postgres and give its lines."""
    psql = 'PGPASSWORD=$(cat /run/secrets/postgres_password) exec psql --user=bellhop -qAtc "$1"'
    command = ["docker", "exec", container, "sh", "-c", psql, "psql", query]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def prepare(container: str) -> None:
    """Make the table of effects."""
    ask_postgres(container, "CREATE TABLE rolling_effects (key text); GRANT ALL ON rolling_effects TO PUBLIC")


def records(container: str) -> list[dict[str, Any]]:
    """Return the rows of all jobs, once all of them have ended or nobody would wait any longer."""
    deadline = time.monotonic() + LONGEST_END
    while True:
        rows = [json.loads(line) for line in ask_postgres(container, RECORDS)]
        if all(row["state"] in ("succeeded", "failed", "cancelled") for row in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(1)


def complaints(rows: list[dict[str, Any]], receipts: list[str], written: collections.Counter[str]) -> list[str]:
    """Return what was promised and did not happen."""
    lost = set(receipts) - {row["id"] for row in rows}
    found = [f"the receipt {receipt} has no job" for receipt in lost]
    found += [f"not in its first attempt: {row}" for row in rows if (row["state"], row["attempt"]) != ("succeeded", 1)]
    keys = collections.Counter(row["key"] for row in rows)
    found += [f"{key} was accepted {times} times" for key, times in keys.items() if times != 1]
    found += [f"{key} was written {written[key]} times" for key in keys if written[key] != 1]
    return found + [f"{key} was written by nobody's job" for key in written.keys() - keys.keys()]


def check(container: str, receipts: Path, others: int) -> None:
    """Check that every job that was accepted, here and elsewhere, succeeded in attempt 1 and wrote its row once."""
    begun = time.monotonic()
    rows = records(container)
    written = collections.Counter(ask_postgres(container, EFFECTS))
    accepted = json.loads(receipts.read_text())
    found = complaints(rows, accepted, written)
    if len(rows) != len(accepted) + others:
        found.append(f"{len(rows)} jobs instead of {len(accepted)} and {others}")
    if found:
        sys.exit("\n".join(found[:20]))
    print(
        f"{len(rows)} jobs: each succeeded in attempt 1 and wrote once ({time.monotonic() - begun:.0f} s to the last)"
    )


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    sender = commands.add_parser("submit")
    sender.add_argument("jobs", type=int)
    sender.add_argument("rate", type=float)
    sender.add_argument("done", type=Path)
    sender.add_argument("receipts", type=Path)
    commands.add_parser("prepare").add_argument("container")
    commands.add_parser("news").add_argument("count", type=int)
    checker = commands.add_parser("check")
    checker.add_argument("container")
    checker.add_argument("receipts", type=Path)
    checker.add_argument("others", type=int)
    given = vars(parser.parse_args())
    {"prepare": prepare, "submit": submit, "news": news, "check": check}[given.pop("command")](**given)


if __name__ == "__main__":
    main()
