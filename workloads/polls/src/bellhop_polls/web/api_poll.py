"""Routes of /api/polls/<id>: look, vote, move the closing date, close."""

from flask import Response

from bellhop_ledger.api import transaction
from bellhop_polls.web import actions
from bellhop_polls.web.requests import Choice, ClosingDate, PollPath
from bellhop_polls.web.views import PollView, show
from bellhop_web.plugin import Access, answers, blueprint, current_caller, current_user_id, find_caller, respond

bp = blueprint("poll", "/api/polls", tag="polls", access=Access.USER, public=("show_poll",))


@bp.get("/<id:poll_id>", responses=answers(200, PollView, 404))
def show_poll(path: PollPath) -> Response:
    """Show a poll with its votes."""
    with transaction() as db:
        shown = show(db, path.poll_id, find_caller())
    return respond(shown)


@bp.patch("/<id:poll_id>", responses=answers(200, PollView, 400, 404, 410, 413, 415))
def edit_poll(path: PollPath, body: ClosingDate) -> Response:
    """Move the closing date of an open poll, if it is yours or you are an operator; its closing moves along."""
    with transaction() as db:
        actions.move_closing(db, path.poll_id, body.closes_at, current_caller())
        shown = show(db, path.poll_id, current_caller())
    return respond(shown)


@bp.post("/<id:poll_id>/close", responses=answers(200, PollView, 404, 410))
def close_poll(path: PollPath) -> Response:
    """Close an open poll before its date, if it is yours or you are an operator."""
    with transaction() as db:
        actions.close_early(db, path.poll_id, current_caller())
        shown = show(db, path.poll_id, current_caller())
    return respond(shown)


@bp.post("/<id:poll_id>/votes", responses=answers(201, PollView, 400, 404, 409, 410, 413, 415))
def vote(path: PollPath, body: Choice) -> Response:
    """Vote, once a person and poll.

    A second vote takes the place of the first where `votes_may_change`, and is a conflict where
    not. The closing date decides at the moment of the vote.
    """
    with transaction() as db:
        actions.vote(db, path.poll_id, body.option, current_user_id())
        shown = show(db, path.poll_id, current_caller())
    return respond(shown, 201)
