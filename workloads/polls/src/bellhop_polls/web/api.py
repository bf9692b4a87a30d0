"""Routes of /api/polls: open polls and list them."""

from flask import Response

from bellhop_ledger.api import transaction
from bellhop_polls.web.actions import open_poll
from bellhop_polls.web.listing import OptionNamesView, OptionQuery, PollPageView, PollQuery, page, suggested
from bellhop_polls.web.requests import NewPoll
from bellhop_polls.web.views import PollView, show
from bellhop_web.plugin import (
    Access,
    Origin,
    SubmitHeaders,
    answers,
    blueprint,
    current_caller,
    current_person,
    find_caller,
    respond,
)

bp = blueprint("polls", "/api/polls", access=Access.USER, public=("list_polls", "suggest_options"))


@bp.post("", responses=answers(201, PollView, 400, 409, 413, 415))
def create_poll(header: SubmitHeaders, body: NewPoll) -> Response:
    """Open a poll that closes itself.

    The poll and the job that closes it are stored together: from the answer on, it is closed at
    its date whatever happens.
    """
    with transaction() as db:
        id = open_poll(db, body, current_person(), Origin.of_request(header))
        shown = show(db, id, current_caller())
    return respond(shown, 201, {"Location": f"/api/polls/{id}"})


@bp.get("", responses=answers(200, PollPageView))
def list_polls(query: PollQuery) -> Response:
    """List polls with their votes, newest first: the open ones, unless you ask for others."""
    with transaction() as db:
        found = page(db, query, find_caller())
    return respond(found)


@bp.get("/options", responses=answers(200, OptionNamesView))
def suggest_options(query: OptionQuery) -> Response:
    """Suggest names for options from earlier polls."""
    with transaction() as db:
        names = suggested(db, query)
    return respond(OptionNamesView(options=names))
