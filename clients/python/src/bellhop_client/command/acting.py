"""`bellhop retry` and `bellhop cancel`: of jobs by their ids, or of all that fit filters, after a question."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bellhop_client.client import Client
from bellhop_client.command.asking import confirmed, counted
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.errors import Exit, UsageError
from bellhop_client.command.jobs import LARGEST_PAGE, add_filters, filters_of
from bellhop_client.command.output import complain, print_json_line
from bellhop_client.errors import Conflict, NotFound
from bellhop_client.views import Job, State


@dataclass(frozen=True)
class Action:
    """What is done to jobs."""

    verb: str
    done: str
    states: Sequence[State]
    """Of the jobs that filters choose, those in these are meant."""
    act: Callable[[Client, str], Job]


RETRY = Action("retry", "queued again", ("failed",), lambda client, id: client.retry(id))
CANCEL = Action(
    "cancel", "cancelled", ("running", "queued", "blocked", "scheduled"), lambda client, id: client.cancel(id)
)


def add_retry(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `retry`."""
    _add(commands, RETRY, "queue failed jobs again: by id, or all failed ones that fit filters")


def add_cancel(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `cancel`."""
    _add(commands, CANCEL, "cancel jobs: by id, or all unfinished ones that fit filters")


def _add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", action: Action, words: str) -> None:
    parser = commands.add_parser(action.verb, help=words)
    parser.add_argument("ids", metavar="ID", nargs="*", default=[])
    add_filters(parser, state=False)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="print each job as a line of JSON")
    add_options(parser)
    parser.set_defaults(run=lambda arguments: act(action, arguments))


def act(action: Action, arguments: argparse.Namespace) -> int:
    """Do it to the jobs that are named, or that fit the filters. Raises UsageError where both or none are given."""
    filters = filters_of(arguments)
    if bool(arguments.ids) == bool(filters):
        raise UsageError(f"{action.verb}: name jobs by their ids, or choose them by filters such as --task")
    with connect(arguments) as client:
        ids = arguments.ids or list(chosen(client, action, filters))
        if filters and ids and not confirmed(f"{action.verb} {counted(len(ids))}?", yes=arguments.yes):
            complain("nothing was done")
            return Exit.FAILED
        done = sum(do_one(client, action, id, arguments) for id in ids)
    if not arguments.json:
        print(f"{done} of {counted(len(ids))} {action.done}")
    return Exit.DONE if done == len(ids) else Exit.REFUSED


def chosen(client: Client, action: Action, filters: dict[str, object]) -> Iterator[str]:
    """Yield the ids of the jobs that fit, state by state: what has ended long ago is not read."""
    for state in action.states:
        found = client.list(**filters | {"state": state, "page_size": LARGEST_PAGE})  # type: ignore[arg-type]
        yield from (str(job.id) for job in found)


def do_one(client: Client, action: Action, id: str, arguments: argparse.Namespace) -> bool:
    """Do it to one job and return whether it was done; why it was not is printed, and the others go on."""
    try:
        job = action.act(client, id)
    except (Conflict, NotFound) as error:
        complain(f"{id}: {error}")
        return False
    if arguments.json:
        print_json_line(job)
    return True
