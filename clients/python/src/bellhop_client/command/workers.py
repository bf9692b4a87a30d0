"""`bellhop workers`: who runs the jobs, and draining one."""

import argparse
from collections.abc import Iterator

from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.output import print_facts, print_json, print_json_line, print_table
from bellhop_client.system_views import RunningJob, Worker


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `workers` with `list`, `drain` and `resume`."""
    group = commands.add_parser("workers", help="list workers with what they run, drain one and resume it")
    verbs = group.add_subparsers(metavar="VERB", help="without one, list")
    listing = verbs.add_parser("list", help="list workers with what they run")
    for parser in (group, listing):
        parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
        parser.set_defaults(run=show)
    draining = verbs.add_parser("drain", help="drain a worker: it takes no new jobs, and those that it runs end")
    draining.add_argument("name", metavar="NAME")
    draining.add_argument("--reason", required=True, metavar="TEXT", help="why; everybody who looks sees it")
    draining.add_argument("--json", action="store_true", help="print it as JSON")
    draining.set_defaults(run=drain)
    resuming = verbs.add_parser("resume", help="let a worker take jobs again")
    resuming.add_argument("name", metavar="NAME")
    resuming.set_defaults(run=resume)
    for parser in (group, listing, draining, resuming):
        add_options(parser)


def show(arguments: argparse.Namespace) -> None:
    """List the workers."""
    with connect(arguments) as client:
        found = client.workers.list()
    if arguments.json:
        for worker in found:
            print_json_line(worker)
        return
    rows = [
        (one.name, one.state, _runs(one), one.release, one.started_at, one.seen_at, ", ".join(one.queues))
        for one in found
    ]
    print_table(("WORKER", "STATE", "RUNS", "RELEASE", "SINCE", "HEARD OF", "QUEUES"), rows)


def _runs(worker: Worker) -> str:
    tasks = [job.task for job in jobs_of(worker)]
    return f"{worker.running}: {', '.join(sorted(set(tasks)))}" if tasks else str(worker.running)


def jobs_of(worker: Worker) -> Iterator[RunningJob]:
    """Yield the jobs that a worker runs."""
    yield from (process.job for process in worker.processes if process.job)
    yield from worker.async_pool.jobs if worker.async_pool else ()


def drain(arguments: argparse.Namespace) -> None:
    """Drain a worker."""
    with connect(arguments) as client:
        worker = client.workers.drain(arguments.name, arguments.reason)
    if arguments.json:
        print_json(worker)
    else:
        print_facts({"worker": worker.name, "is": worker.state, "still runs": worker.running})


def resume(arguments: argparse.Namespace) -> None:
    """Let a worker take jobs again."""
    with connect(arguments) as client:
        client.workers.resume(arguments.name)
    print(f"resumed {arguments.name}")
