"""The pages of queues: the list, and one of them."""

from typing import Any

from flask import Response, render_template

from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.names import names_of
from bellhop_web.holds.requests import LENGTHS
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.queues.views import QueueView, all_queues, one_queue
from bellhop_web.site import pages_blueprint, render
from bellhop_web.timeline.bar import of_page

bp = pages_blueprint("queues", access=Access.VIEWER)


@bp.get("")
def index() -> Response:
    """Show what waits where."""
    return render("queues/index.html", **_read_all())


@bp.get("/<name>")
def show(name: str) -> Response:
    """Show a queue."""
    return render("queues/show.html", lengths=LENGTHS, people=PEOPLE, timeline=of_page(queue=name), **_read(name))


@topic("queues", access=Access.VIEWER, every=2.0)
def live_list(_: None) -> Fragments:
    """Show the list again."""
    return {"queues": render_template("queues/_list.html", **_read_all())}


@topic("queue", key=str, access=Access.VIEWER, every=2.0, exists=one_queue)
def live_queue(name: str) -> Fragments:
    """Show a queue again."""
    return {"queue": render_template("queues/_queue.html", **_read(name))}


def _read_all() -> dict[str, Any]:
    with transaction() as db:
        found = all_queues(db)
        names = names_of(db, _by(found))
    return {"found": found, "names": names}


def _read(name: str) -> dict[str, Any]:
    with transaction() as db:
        found = one_queue(db, name)
        names = names_of(db, _by([found]))
    return {"queue": found, "names": names}


def _by(queues: list[QueueView]) -> set[str]:
    return {one.paused.by for one in queues if one.paused}
