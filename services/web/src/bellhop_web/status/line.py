"""The line at the top of the pages of all but members: what is wrong, in words, each part linked to its mending."""

import flask
from flask import current_app, render_template
from markupsafe import Markup

from bellhop_web.auth import callers
from bellhop_web.auth.access import Access
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site.charts.frame import words_in_tag
from bellhop_web.site.page import pages_blueprint
from bellhop_web.status.board import EVERY, Board
from bellhop_web.status.parts import Part, Status

bp = pages_blueprint("status", access=Access.VIEWER)


@bp.record_once
def _make_board(state: flask.blueprints.BlueprintSetupState) -> None:
    state.app.extensions["status"] = Board()


def current_status() -> Status:
    """Return what is wrong now, as it was read within the last seconds."""
    board: Board = current_app.extensions["status"]
    return board.status()


@bp.app_template_global()
def status_now() -> Status | None:
    """Return what is wrong, to who sees all jobs; None to others."""
    viewer = callers.caller()
    return current_status() if viewer is not None and viewer.sees_all else None


@bp.app_template_filter()
def words_of_part(part: Part, last: bool) -> Markup:
    """Write a part as a link, whose times the browser writes in its zone."""
    return Markup('<a href="{}" class="part {}"{}</a>').format(
        part.link, part.severity, words_in_tag(part.words + ("." if last else ""))
    )


# Topic and element are called as the release before calls them: a page of one listens to a process of the other.
@topic("alarms", access=Access.VIEWER, every=EVERY)
def live_line(_: None) -> Fragments:
    """Show the line again."""
    return {"alarms": render_template("status/_line.html", status=current_status())}
