"""Pages of polls: the list, and the form for a new one."""

from datetime import timedelta

from flask import Response, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.api import clock, transaction, uuid7
from bellhop_polls.tables import LIST_TOPIC
from bellhop_polls.web.actions import DEFAULT_TIME, open_poll
from bellhop_polls.web.listing import OptionQuery, PollPageView, PollQuery, Which, page, suggested
from bellhop_polls.web.requests import NewPoll
from bellhop_polls.web.views import time_left
from bellhop_web.plugin import (
    Access,
    IdempotencyKey,
    Origin,
    current_person,
    flash,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    topic,
    valid_query,
)

bp = pages_blueprint("polls", access=Access.USER, public=("index",))
bp.add_app_template_filter(time_left)

SHOWN = 20
"""Polls on a page."""


class NewPollForm(NewPoll):
    """The form of a new poll; its key makes two clicks on the button one poll."""

    key: IdempotencyKey | None = Field(default=None)


@bp.get("")
def index() -> Response:
    """List the open polls, and on request the closed ones."""
    query, faults = valid_query(PollQuery, limit=SHOWN)
    found = _listed(query)
    older = url_for(".index", state=query.state, cursor=found.next_cursor) if found.next_cursor else None
    live = query.state is Which.OPEN and query.cursor is None
    return render(
        "polls/index.html",
        422 if faults else 200,
        faults_found=faults,
        polls=found.polls,
        older=older,
        state=query.state,
        topic=LIST_TOPIC if live else "",
    )


def _listed(query: PollQuery) -> PollPageView:
    with transaction() as db:
        return page(db, query, None)


@topic(LIST_TOPIC, access=Access.PUBLIC)
def open_polls(_: None) -> dict[str, str]:
    """Render the newest open polls."""
    found = _listed(PollQuery(limit=SHOWN))
    return {"polls": render_template("polls/_list.html", polls=found.polls, state=Which.OPEN)}


@bp.get("/new")
def new_poll() -> Response:
    """Ask for a new poll."""
    with transaction() as db:
        names = suggested(db, OptionQuery(limit=50))
    closes_at = clock.now() + DEFAULT_TIME + timedelta(minutes=1)  # a field for minutes cuts the seconds off
    return render("polls/new.html", names=names, closes_at=closes_at, key=uuid7())


@bp.post("/new")
@show_again(new_poll)
def create_poll() -> AnyResponse:
    """Open the poll and show it."""
    form = read_form(NewPollForm)
    origin = Origin.of_form(form.key, form.model_dump(mode="json", exclude={"key"}))
    with transaction() as db:
        id = open_poll(db, form, current_person(), origin)
    flash("Your poll is open. Send its address to those who shall vote.")
    return see_other("poll_pages.show", poll_id=id)
