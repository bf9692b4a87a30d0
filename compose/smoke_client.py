"""The client of smoke.sh: asks the stack at BELLHOP_URL with ADMIN_TOKEN, by the standard library alone."""

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

URL = os.environ["BELLHOP_URL"]
TOKEN = os.environ["ADMIN_TOKEN"]
JSON = {"Content-Type": "application/json"}
SLOW_TASK = os.environ.get("SLOW_TASK", "products.very_slow_add")
"""Takes three seconds for the sum of its arguments `a` and `b`."""
PATIENCE = 90.0
"""Seconds after which a job that is not finished counts as lost."""


def ask(url: str, body: dict[str, Any] | None = None, authorization: str | None = None) -> tuple[int, bytes]:
    """Send one request and give its status and answer; no status is an error."""
    headers = {"Authorization": authorization} if authorization else {}
    return exchange(url, body, headers)


def send(path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, bytes]:
    """Send something to the API with the token and give the status and the answer."""
    return exchange(URL + path, body, {"Authorization": f"Bearer {TOKEN}"} | headers)


def exchange(url: str, body: dict[str, Any] | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Send one request with these headers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, JSON | headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def call(path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the API with the token and give the answer's JSON; anything but success ends the check."""
    status, answer = ask(URL + path, body, f"Bearer {TOKEN}")
    if status not in (200, 202):
        sys.exit(f"{path}: {status} {answer.decode(errors='replace')[:500]}")
    return json.loads(answer)


def status(expected: str, url: str) -> None:
    """Check the status of one URL, whole or a path at BELLHOP_URL, by a pattern such as 50[23]."""
    url = URL + url if url.startswith("/") else url
    found, _ = ask(url)
    if not re.fullmatch(expected, str(found)):
        sys.exit(f"{url}: {found}, expected {expected}")
    print(f"{found} {url}")


def keep_asking(seconds: float, posting: bool) -> None:
    """Ask, or submit jobs, without a pause for so long; every answer must be a success at the first try."""
    question = ("/api/jobs", {"task": "files.prune", "delay": 3600}) if posting else ("/api/timer", None)
    deadline = time.monotonic() + seconds
    times = []
    while time.monotonic() < deadline:
        begun = time.monotonic()
        call(*question)
        times.append(time.monotonic() - begun)
        time.sleep(0.01)
    print(f"{len(times)} requests, all answered, the slowest after {max(times):.2f} s")


def submit(count: int) -> None:
    """Submit jobs of three seconds, wait until one of them runs, and print their ids."""
    jobs = [call("/api/jobs", {"task": SLOW_TASK, "args": {"a": n, "b": 1}})["id"] for n in range(count)]
    deadline = time.monotonic() + PATIENCE
    while call(f"/api/jobs/{jobs[0]}")["state"] != "running":
        if time.monotonic() > deadline:
            sys.exit(f"job {jobs[0]} does not begin: {call(f'/api/jobs/{jobs[0]}')}")
        time.sleep(0.05)
    print(",".join(jobs))


def finished(jobs: list[str], attempts: int | None) -> None:
    """Wait for the jobs and check that each has its right result, once, in so many attempts."""
    deadline = time.monotonic() + PATIENCE
    for number, job_id in enumerate(jobs):
        job = call(f"/api/jobs/{job_id}")
        while job["finished_at"] is None and time.monotonic() < deadline:
            job = call(f"/api/jobs/{job_id}?wait=5")
        if job["state"] != "succeeded" or job["result"] != number + 1:
            sys.exit(f"lost or wrong: {job}")
        if attempts is not None and job["attempt"] != attempts:
            sys.exit(f"attempt {job['attempt']} instead of {attempts}: {job}")
        print(f"job {job_id} gave {job['result']} in attempt {job['attempt']}")


def overtake(jobs: list[str]) -> None:
    """Check that a job of the queue `default` ends while some of these have not even begun."""
    short = call("/api/jobs", {"task": "files.prune"})["id"]
    ended = call(f"/api/jobs/{short}?wait=20")
    waiting = sum(call(f"/api/jobs/{job}")["started_at"] is None for job in jobs)
    if ended["state"] != "succeeded" or not waiting:
        sys.exit(f"{waiting} of {len(jobs)} slow jobs waited when this one was there: {ended}")
    print(f"a short job has ended while {waiting} of {len(jobs)} long ones wait")


def live(topic: str) -> None:
    """Check that what is live comes at once, while its stream stays open."""
    with urllib.request.urlopen(f"{URL}/live?topic={topic}", timeout=10) as stream:
        event = next((line for line in stream if line.startswith(b"data:")), None)
    if event is None:
        sys.exit(f"the live stream of {topic} ended without an event")
    print(f"live: {len(event)} bytes of {topic}")


def sign_in(email: str, password_file: Path) -> None:
    """Check that somebody can sign in, and that the cookie goes over TLS only and to no script."""
    body = {"email": email, "password": password_file.read_text()}
    request = urllib.request.Request(f"{URL}/api/account/session", json.dumps(body).encode(), JSON)
    with urllib.request.urlopen(request, timeout=30) as answer:
        cookie = answer.headers["Set-Cookie"]
    if not {"Secure", "HttpOnly"} <= set(cookie.split("; ")):
        sys.exit(f"the cookie of {email} is not shut in: {cookie.partition('=')[2].partition(';')[2]}")
    print(f"{email} has signed in, with a cookie for TLS alone")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("status")
    one.add_argument("expected")
    one.add_argument("url")
    commands.add_parser("live").add_argument("topic")
    door = commands.add_parser("sign-in")
    door.add_argument("email")
    door.add_argument("password_file", type=Path)
    keep = commands.add_parser("keep-asking")
    keep.add_argument("seconds", type=float)
    keep.add_argument("--posting", action="store_true")
    commands.add_parser("submit").add_argument("count", type=int)
    commands.add_parser("overtake").add_argument("jobs", type=lambda text: text.split(","))
    end = commands.add_parser("finished")
    end.add_argument("jobs", type=lambda text: text.split(","))
    end.add_argument("--attempts", type=int)
    return parser.parse_args()


def main() -> None:
    """Do what the arguments say."""
    given = arguments()
    match given.command:
        case "status":
            status(given.expected, given.url)
        case "live":
            live(given.topic)
        case "sign-in":
            sign_in(given.email, given.password_file)
        case "keep-asking":
            keep_asking(given.seconds, given.posting)
        case "submit":
            submit(given.count)
        case "overtake":
            overtake(given.jobs)
        case "finished":
            finished(given.jobs, given.attempts)


if __name__ == "__main__":
    main()
