"""Pages of bulk actions: the question with the number of jobs, what is done with its undo, and what was done."""

from typing import Any
from uuid import UUID, uuid4

from flask import Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Invalid
from bellhop_ledger.bulk_actions import asking
from bellhop_ledger.bulk_actions.asking import BegunAlready
from bellhop_ledger.bulk_actions.tables import BulkState, Verb
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.names import names_of
from bellhop_web.bulk_actions import actions
from bellhop_web.bulk_actions.finding import found
from bellhop_web.bulk_actions.requests import DELAY_ON_PAGES, BulkForm, BulkRequest, QuestionQuery
from bellhop_web.bulk_actions.views import BulkActionQuery, follows, page, view
from bellhop_web.bulk_actions.wording import KINDS
from bellhop_web.jobs.requests import Origin
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("bulk_actions", "/bulk-actions", access=Access.OPERATOR)


@bp.app_template_global()
def bulk_key() -> str:
    """Return what makes a button one action, however often it is pressed."""
    return uuid4().hex


@bp.app_template_filter()
def bulk_kind(state: BulkState) -> str:
    """Return the colour of where an action stands."""
    return KINDS[state]


@bp.get("")
def index() -> Response:
    """List what was done to many jobs at once."""
    query, faults = valid_query(BulkActionQuery)
    with transaction() as db:
        listed = page(db, query)
        names = names_of(db, {action.requested_by for action in listed.bulk_actions})
    return render("bulk_actions/index.html", listed=listed, names=names, faults_found=faults)


@bp.get("/new")
def new() -> Response:
    """Ask which jobs are meant, and say how many there are."""
    sent = {name: value for name in ("verb", "q") if (value := request.form.get(name))}
    asked, faults = valid_query(QuestionQuery, **sent)
    count = None
    try:
        count = _count(asked)
    except Invalid as error:
        faults += error.faults
    facts = {"asked": asked, "count": count, "faults_found": [] if "refused" in g else faults}
    return render("bulk_actions/new.html", 422 if faults else 200, verbs=[(verb, verb) for verb in Verb], **facts)


def _count(asked: QuestionQuery) -> int | None:
    if asked.q is None:
        return None
    with transaction() as db:
        return len(found(db, asked.verb, asked.q))


@bp.post("")
@show_again(new)
def create() -> AnyResponse:
    """Ask for an action, which begins in a few seconds."""
    form = read_form(BulkForm)
    content = form.model_dump(mode="json", exclude={"key"})
    wanted = BulkRequest(q=form.q, count=form.count, delay=DELAY_ON_PAGES)
    with transaction() as db:
        made = actions.ask(db, form.verb, wanted, Origin.of_form(form.key, content))
    return see_other(".show", id=made.id)


@bp.get("/<uuid:id>")
def show(id: UUID) -> Response:
    """Show what is done and how far it has come, with the button that undoes it."""
    return render("bulk_actions/show.html", **_read(id))


@bp.post("/<uuid:id>/undo")
def undo(id: UUID) -> AnyResponse:
    """Undo what has not begun."""
    try:
        with transaction() as db:
            actions.undo(db, id)
    except BegunAlready as error:
        flash(str(error), "warning")
    return see_other(".show", id=id)


@topic("bulk_action", key=UUID, access=Access.OPERATOR, every=2, exists=asking.find)
def live(id: UUID) -> Fragments:
    """Show how far it has come."""
    return {"bulk-action": render_template("bulk_actions/_progress.html", **_read(id))}


def _read(id: UUID) -> dict[str, Any]:
    with transaction() as db:
        action = view(asking.find(db, id))
        names = names_of(db, {action.requested_by, action.undone_by or ""})
        standing = asking.standing(db, id) if follows(action) else {}
    return {"action": action, "names": names, "standing": standing}
