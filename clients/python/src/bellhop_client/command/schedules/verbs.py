"""`bellhop schedules`: which there are, what one is, running, pausing and resuming one, and all of them as a file."""

import argparse
from uuid import UUID

from bellhop_client.client import Client
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import CommandError, Exit
from bellhop_client.command.output import cut, print_facts, print_json, print_json_line, print_table
from bellhop_client.command.queues import add_pause
from bellhop_client.command.schedules import files
from bellhop_client.views import Schedule

STATES = ("active", "paused", "disabled", "over", "deleted")
SORTS = ("name", "trouble")
FACTS = (
    "id", "name", "state", "trouble", "words", "time_zone", "task", "args", "next_due_at", "pause_reason", "paused_by",
    "resume_at", "disabled_reason", "failures", "overrides", "overlap", "catch_up", "note", "source", "updated_at",
    "updated_by",
)  # fmt: skip
MOST_FAILURES = 20
"""So many runs that failed in a row are counted."""
LONGEST = 60
"""Characters of a reason in a list; `show` prints all of it."""


class NoSchedule(CommandError):
    """No schedule has this name."""

    code = Exit.REFUSED


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `schedules` and its verbs."""
    group = commands.add_parser("schedules", help="list schedules, show, run, pause and resume one, and keep a file")
    verbs = group.add_subparsers(metavar="VERB", help="without one, list")
    for parser in (group, verbs.add_parser("list", help="list schedules by name")):
        _add_list(parser)
    acts = {"show": (show, "show a schedule"), "run": (run, "run a schedule now, and print the job's id")}
    acts |= {"pause": (pause, "pause a schedule"), "resume": (resume, "resume a schedule")}
    for verb, (act, words) in acts.items():
        _add_verb(verbs.add_parser(verb, help=words)).set_defaults(run=act)
    add_pause(verbs.choices["pause"])
    for verb in acts.keys() - {"pause"}:
        verbs.choices[verb].add_argument("--json", action="store_true", help="print it as JSON")
    files.add_to(verbs)


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=STATES, metavar="STATE", help=", ".join(STATES))
    parser.add_argument("--task", metavar="NAME")
    parser.add_argument("--search", metavar="TEXT", help="a part of the name")
    parser.add_argument("--sort", choices=SORTS, metavar="BY", help="name, or trouble: what is wrong first")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
    parser.set_defaults(run=show_all)
    add_options(parser)


def _add_verb(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("schedule", metavar="NAME", help="its name or id")
    add_options(parser)
    return parser


def find(client: Client, name: str) -> Schedule:
    """Return the schedule of this name or id. Raises NoSchedule, and NotFound for an id."""
    try:
        return client.schedules.get(str(UUID(name)))
    except ValueError:
        pass
    for one in client.schedules.list(search=name):
        if one.name == name:
            return client.schedules.get(one)
    raise NoSchedule(f"no schedule has the name {name!r}")


def show_all(arguments: argparse.Namespace) -> None:
    """List schedules."""
    with connect(arguments) as client:
        found = client.schedules.list(
            state=arguments.state, task=arguments.task, search=arguments.search, sort=arguments.sort
        )
        if arguments.json:
            for one in found:
                print_json_line(one)
            return
        rows = [
            (one.name, one.state, cut(_trouble(one), LONGEST), one.task, one.next_due_at, _last(one), one.words)
            for one in found
        ]
    print_table(("NAME", "STATE", "TROUBLE", "TASK", "NEXT", "LAST", "WHEN"), rows)


def _trouble(schedule: Schedule) -> str:
    """Return what is wrong with a schedule, the worst first; nothing where all is well."""
    found = []
    if schedule.state == "disabled":
        found.append(f"cannot run: {schedule.disabled_reason}")
    if schedule.failures:
        found.append(_failed(schedule.failures))
    if schedule.trouble == "late":
        found.append("late")
    if schedule.trouble == "paused":
        found.append(f"paused: {schedule.pause_reason}" if schedule.pause_reason else "paused")
    return "; ".join(found)


def _failed(failures: int) -> str:
    many = f"{failures}{' or more' if failures == MOST_FAILURES else ''} runs"
    return f"last {'run' if failures == 1 else many} failed"


def _last(schedule: Schedule) -> str | None:
    run = schedule.last_run
    return None if run is None else run.state or run.outcome


def show(arguments: argparse.Namespace) -> None:
    """Show a schedule."""
    with connect(arguments) as client:
        _print(find(client, arguments.schedule), arguments)


def _print(schedule: Schedule, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print_json(schedule)
    else:
        facts = {name: getattr(schedule, name) for name in FACTS}
        print_facts(facts | {"trouble": _trouble(schedule), "last": _last(schedule)})


def run(arguments: argparse.Namespace) -> None:
    """Run a schedule now."""
    with connect(arguments) as client:
        job = client.schedules.run(find(client, arguments.schedule))
    if arguments.json:
        print_json(job)
    else:
        print(job.id)


def pause(arguments: argparse.Namespace) -> None:
    """Pause a schedule."""
    with connect(arguments) as client:
        found = find(client, arguments.schedule)
        _print(client.schedules.pause(found, arguments.reason, until=arguments.until), arguments)


def resume(arguments: argparse.Namespace) -> None:
    """Resume a schedule."""
    with connect(arguments) as client:
        _print(client.schedules.resume(find(client, arguments.schedule)), arguments)
