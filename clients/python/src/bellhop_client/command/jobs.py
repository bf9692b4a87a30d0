"""`bellhop jobs`, `bellhop job` and `bellhop wait`: which jobs there are, what one is, and its end."""

import argparse
from collections.abc import Iterable
from itertools import islice
from time import monotonic
from typing import Any, get_args

from bellhop_client.client import Client
from bellhop_client.command import bulk, values
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import Exit
from bellhop_client.command.output import complain, print_facts, print_json, print_json_line, print_table
from bellhop_client.views import Job, Sort, State

FILTERS = (
    "q", "sort", "slow", "state", "retrying", "expired", "task", "queue", "tag", "submitter", "schedule", "parent",
    "request_id", "created_after", "created_before",
)  # fmt: skip
MOST = 20
"""Jobs that are listed where nothing else is asked for."""
LARGEST_PAGE = 100


def add_jobs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `jobs`."""
    parser = commands.add_parser("jobs", help="list jobs, newest first; retry or cancel all that a query finds")
    bulk.add_to(parser.add_subparsers(metavar="VERB", help="without one, list"))
    add_filters(parser)
    parser.add_argument("--sort", choices=get_args(Sort), help="by their ends only what ended in one way")
    parser.add_argument("--slow", action="store_true", default=None, help="run a query that would take long")
    parser.add_argument("--limit", type=values.count, metavar="N", default=MOST, help=f"at most so many ({MOST})")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=show_jobs)


def add_filters(parser: argparse.ArgumentParser, *, state: bool = True) -> None:
    """Add what says which jobs are meant."""
    group = parser.add_argument_group("which jobs")
    group.add_argument("--q", metavar="QUERY", help="such as 'state:failed task:http.* args.order:1042 since:2h'")
    if state:
        group.add_argument("--state", choices=get_args(State), metavar="STATE", help=", ".join(get_args(State)))
    group.add_argument("--task", metavar="NAME")
    group.add_argument("--queue", metavar="NAME")
    group.add_argument("--tag", action="append", metavar="TAG", help="may be given again: then with all of them")
    group.add_argument("--submitter", metavar="WHO", help="user:<id>, token:<id>, service:<id>, sql:<role> or celery")
    group.add_argument("--schedule", metavar="ID")
    group.add_argument("--parent", metavar="ID", help="those that the body of this job has submitted")
    group.add_argument("--request-id", metavar="ID")
    group.add_argument("--created-after", type=values.ago, metavar="DATE", help="or how long ago: 2h, 1d")
    group.add_argument("--created-before", type=values.ago, metavar="DATE")
    group.add_argument("--retrying", action="store_true", default=None, help="those that wait for another attempt")
    group.add_argument("--expired", action="store_true", default=None, help="those that had not begun in time")


def filters_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the filters that are given."""
    given = {name: getattr(arguments, name, None) for name in FILTERS}
    return {name: value for name, value in given.items() if value is not None}


def show_jobs(arguments: argparse.Namespace) -> None:
    """List jobs."""
    with connect(arguments) as client:
        page_size = min(arguments.limit, LARGEST_PAGE)
        found = islice(client.list(**filters_of(arguments), page_size=page_size), arguments.limit)
        if arguments.json:
            for job in found:
                print_json_line(job)
        else:
            print_jobs(found)


def print_jobs(found: Iterable[Job]) -> None:
    """Print a table of jobs."""
    rows = [(job.id, job.state, job.task, job.queue, _attempts(job), job.created_at, _remark(job)) for job in found]
    print_table(("ID", "STATE", "TASK", "QUEUE", "ATTEMPT", "CREATED", ""), rows)


def _attempts(job: Job) -> str:
    return f"{job.attempt}/{job.max_attempts}"


def _remark(job: Job) -> str:
    error = f"{job.error.type}: {job.error.message}" if job.error else None
    return " ".join(filter(None, (job.label, job.notice or error)))


def add_job(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `job ID`."""
    parser = commands.add_parser("job", help="show a job with its arguments, result and attempts")
    parser.add_argument("id", metavar="ID")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_options(parser)
    parser.set_defaults(run=show_job)


def show_job(arguments: argparse.Namespace) -> None:
    """Show a job."""
    with connect(arguments) as client:
        print_job(client.job(arguments.id), arguments)


def print_job(job: Job, arguments: argparse.Namespace) -> None:
    """Print all of a job that a person asks for first."""
    if arguments.json:
        print_json(job)
        return
    names = (
        "id", "task", "label", "state", "notice", "queue", "priority", "args", "result", "run_at", "created_at",
        "started_at", "finished_at", "worker", "submitter", "schedule", "parent", "request_id",
    )  # fmt: skip
    facts = {name: getattr(job, name) for name in names} | {"attempt": _attempts(job), "tags": " ".join(job.tags)}
    error = job.error and (job.error.traceback or f"{job.error.type}: {job.error.message}")
    print_facts(facts | {"error": error})


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Add how long it is waited."""
    parser.add_argument(
        "--timeout", type=values.duration, metavar="TIME", help="wait at most so long, then exit with 5: 90, 5m, 1h"
    )


def add_wait(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `wait ID ...`."""
    parser = commands.add_parser("wait", help="wait until jobs have ended, and exit with 1 where one has not succeeded")
    parser.add_argument("ids", metavar="ID", nargs="+")
    add_timeout(parser)
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=wait)


def wait(arguments: argparse.Namespace) -> int:
    """Wait for jobs."""
    with connect(arguments) as client:
        return wait_for(client, arguments.ids, arguments)


def wait_for(client: Client, jobs: Iterable[Any], arguments: argparse.Namespace) -> int:
    """Wait until each has ended, print each, and return the exit code. Raises WaitTimeout."""
    code = Exit.DONE
    until = None if arguments.timeout is None else monotonic() + arguments.timeout.total_seconds()
    for number, job in enumerate(jobs):
        ended = _end_of(client, job, until)
        if arguments.json:
            print_json_line(ended)
        else:
            print(end="\n" if number else "")
            print_job(ended, arguments)
        code = code if ended.state == "succeeded" else Exit.FAILED
    return code


def _end_of(client: Client, job: Any, until: float | None) -> Job:
    try:
        return client.wait(job, timeout=None if until is None else max(until - monotonic(), 0.0))
    except KeyboardInterrupt:
        complain(f"job {getattr(job, 'id', job)} goes on")
        raise
