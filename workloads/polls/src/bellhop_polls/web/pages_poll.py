"""Pages of one poll: its result as it comes in, voting, and what its owner may do."""

from uuid import UUID

from flask import Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.api import transaction
from bellhop_polls.web import actions, views
from bellhop_polls.web.requests import Choice, ClosingDate
from bellhop_web.plugin import (
    Access,
    current_caller,
    current_user_id,
    find_caller,
    flash,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    topic,
)

bp = pages_blueprint("poll", "/polls", access=Access.USER, public=("show",))


@bp.get("/<uuid:poll_id>")
def show(poll_id: UUID) -> Response:
    """Show a poll with its votes."""
    with transaction() as db:
        poll = views.show(db, poll_id, find_caller())
    return render("polls/show.html", poll=poll)


@topic("poll", key=UUID, access=Access.PUBLIC, exists=lambda db, id: views.show(db, id, None))
def result(poll_id: UUID) -> dict[str, str]:
    """Render what everybody sees of a poll."""
    with transaction() as db:
        poll = views.show(db, poll_id, None)
    return {
        "poll-status": render_template("polls/_status.html", poll=poll),
        "poll-result": render_template("polls/_result.html", poll=poll),
    }


@bp.post("/<uuid:poll_id>/votes")
@show_again(show)
def vote(poll_id: UUID) -> AnyResponse:
    """Count a vote."""
    choice = read_form(Choice)
    with transaction() as db:
        actions.vote(db, poll_id, choice.option, current_user_id())
    flash("Your vote is counted.")
    return see_other(".show", poll_id=poll_id)


@bp.post("/<uuid:poll_id>/closing-date")
@show_again(show)
def move_closing(poll_id: UUID) -> AnyResponse:
    """Move the closing date."""
    form = read_form(ClosingDate)
    with transaction() as db:
        shown = views.show(db, poll_id, current_caller()).closes_at
        untouched = form.closes_at == shown.replace(second=0, microsecond=0)  # the form shows minutes
        actions.move_closing(db, poll_id, shown if untouched else form.closes_at, current_caller())
    flash("The closing date stays." if untouched else "The closing date is moved.")
    return see_other(".show", poll_id=poll_id)


@bp.post("/<uuid:poll_id>/close")
@show_again(show)
def close(poll_id: UUID) -> AnyResponse:
    """Close the poll now."""
    with transaction() as db:
        actions.close_early(db, poll_id, current_caller())
    flash("The poll is closed. Its result stays here.")
    return see_other(".show", poll_id=poll_id)
