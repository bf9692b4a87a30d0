"""The page of what is paused: the list, a button to resume each, and a form to pause more."""

from typing import Annotated, Any

from flask import Response, redirect, render_template, request
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.holds import actions
from bellhop_web.holds.requests import LENGTHS, PauseForm, PauseRequest, checked_name
from bellhop_web.holds.views import MOST_COUNTED, all_holds
from bellhop_web.http.request import Closed
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.paths import here

bp = pages_blueprint("holds", access=Access.VIEWER)
PREFILLED = {"kind": 10, "name": 300, "reason": 500}
"""What a link to the page may fill its form with, and the characters of each."""


class Target(Closed):
    """What the form means."""

    kind: Annotated[Kind, Field(strict=False)]
    name: Annotated[str, Field(max_length=300)]
    back: Annotated[str, Field(max_length=500)] | None = None
    """The page that the form stands on, where it is another one."""

    def to_page(self) -> AnyResponse:
        """Lead back to it."""
        return redirect(here(self.back), 303) if self.back else see_other(".index")


class TargetForm(Target, PauseForm):
    """The form that pauses something."""


@bp.get("")
def index() -> Response:
    """Show what is paused."""
    names = {kind: actions.known_names(kind) for kind in (Kind.QUEUE, Kind.TASK)}
    wanted = {name: request.args.get(name, "")[:most] for name, most in PREFILLED.items()}
    kinds = [(kind, kind) for kind in Kind]
    return render("holds/index.html", known=names, kinds=kinds, lengths=LENGTHS, wanted=wanted, **_read())


@bp.post("/pause")
@show_again(index)
def pause() -> AnyResponse:
    """Pause something."""
    form = read_form(TargetForm)
    wanted = PauseRequest.model_construct(reason=form.reason, until=form.until)
    name = checked_name(form.kind, form.name)
    with transaction() as db:
        actions.pause(db, form.kind, name, wanted, by=current_caller().name)
    flash(f"The {form.kind} {name} is paused. What runs ends, and what comes waits.")
    return form.to_page()


@bp.post("/resume")
def resume() -> AnyResponse:
    """Resume something."""
    form = read_form(Target)
    with transaction() as db:
        resumed = actions.resume(db, form.kind, form.name, by=current_caller().actor)
    flash(f"The {form.kind} {form.name} is resumed." if resumed else f"The {form.kind} {form.name} was not paused.")
    return form.to_page()


@topic("holds", access=Access.VIEWER, every=2.0)
def live(_: None) -> Fragments:
    """Show the list again."""
    return {"holds": render_template("holds/_list.html", **_read())}


def _read() -> dict[str, Any]:
    with transaction() as db:
        found = all_holds(db)
        names = names_of(db, {hold.by for hold in found})
    return {"found": found, "names": names, "most": MOST_COUNTED}
