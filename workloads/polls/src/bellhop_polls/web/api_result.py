"""Routes of /api/polls/<id>/result: the votes to take away, as a table and as a picture."""

from typing import Any
from uuid import UUID

from flask import Response

from bellhop_ledger.api import transaction
from bellhop_polls.web import export, picture
from bellhop_polls.web.requests import PollPath
from bellhop_polls.web.views import PollView, show
from bellhop_web.plugin import Access, answers, blueprint

bp = blueprint("poll_result", "/api/polls", tag="polls", access=Access.PUBLIC)


TABLE = {"description": "The result", "content": {"text/csv": {"schema": {"type": "string"}}}}
PICTURE = {"description": "The result, as `image/svg+xml`"}
"""Generators of clients read no media type of pictures, and warn of a content in one."""


def _file(described: dict[str, Any]) -> dict[int, Any]:
    """Name what a route answers that gives a file of text."""
    return answers(200, PollView, 404) | {200: described}


def _read(poll_id: UUID) -> PollView:
    with transaction() as db:
        return show(db, poll_id, None)


def _attached(poll_id: UUID, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename=poll-{poll_id}.{ending}"}


@bp.get("/<id:poll_id>/result.csv", responses=_file(TABLE))
def export_poll(path: PollPath) -> Response:
    """Return the votes as CSV: option, votes, percent."""
    table = export.result(_read(path.poll_id))
    return Response(table, mimetype="text/csv", headers=_attached(path.poll_id, "csv"))


@bp.get("/<id:poll_id>/result.svg", responses=_file(PICTURE))
def draw_poll(path: PollPath) -> Response:
    """Return the votes as a chart in SVG."""
    drawing = picture.draw(_read(path.poll_id))
    return Response(drawing, mimetype="image/svg+xml", headers=_attached(path.poll_id, "svg"))
