"""`bellhop queues`: what waits where, who serves it, and pausing one."""

import argparse
from datetime import timedelta

from bellhop_client.command import values
from bellhop_client.command.connection import add_options, connect
from bellhop_client.command.output import print_facts, print_json, print_json_line, print_table
from bellhop_client.system_views import Hold, Queue


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `queues` with `list`, `pause` and `resume`."""
    group = commands.add_parser("queues", help="list queues, pause one and resume it")
    verbs = group.add_subparsers(metavar="VERB", help="without one, list")
    listing = verbs.add_parser("list", help="list queues with what waits and who serves them")
    for parser in (group, listing):
        parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
        parser.set_defaults(run=show)
    pausing = verbs.add_parser("pause", help="pause a queue: its jobs are accepted and wait")
    pausing.add_argument("name", metavar="NAME")
    add_pause(pausing)
    pausing.set_defaults(run=pause)
    resuming = verbs.add_parser("resume", help="resume a queue")
    resuming.add_argument("name", metavar="NAME")
    resuming.set_defaults(run=resume)
    for parser in (group, listing, pausing, resuming):
        add_options(parser)


def add_pause(parser: argparse.ArgumentParser) -> None:
    """Add why and for how long something is paused."""
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; everybody who looks sees it")
    parser.add_argument("--until", type=values.ahead, metavar="DATE", help="or in how long it ends: 2h, 1d")
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def show(arguments: argparse.Namespace) -> None:
    """List the queues."""
    with connect(arguments) as client:
        found = client.queues.list()
    if arguments.json:
        for queue in found:
            print_json_line(queue)
        return
    rows = [(one.name, _waiting(one), one.oldest_at, _outlook(one), one.workers, _pause(one)) for one in found]
    print_table(("QUEUE", "WAITING", "OLDEST SINCE", "EMPTY IN", "WORKERS", "PAUSED"), rows)


def _waiting(queue: Queue) -> str:
    return f"{queue.waiting:,}{'' if queue.exact else '+'}"


def _outlook(queue: Queue) -> str | None:
    return str(timedelta(seconds=round(queue.seconds_to_empty))) if queue.seconds_to_empty else queue.outlook


def _pause(queue: Queue) -> str:
    return queue.paused.reason if queue.paused else ""


def pause(arguments: argparse.Namespace) -> None:
    """Pause a queue."""
    with connect(arguments) as client:
        print_hold(client.queues.pause(arguments.name, arguments.reason, until=arguments.until), arguments)


def print_hold(hold: Hold, arguments: argparse.Namespace) -> None:
    """Print what is paused now."""
    if arguments.json:
        print_json(hold)
    else:
        print_facts({"paused": hold.name, "reason": hold.reason, "until": hold.until, "waiting": hold.waiting})


def resume(arguments: argparse.Namespace) -> None:
    """Resume a queue."""
    with connect(arguments) as client:
        client.queues.resume(arguments.name)
    print(f"resumed {arguments.name}")
