"""The page of service tokens: the list, a form for a new one, and a button to rotate or end each."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts import service_tokens
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.http.request import Closed
from bellhop_web.service_tokens import actions
from bellhop_web.service_tokens.requests import Days, NewServiceToken, Password, Patterns, Rotation, ServiceTokenView
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import hand_on, handed_on

bp = pages_blueprint("service_tokens", "/service-tokens", access=Access.ADMIN)
HOUR = 3_600
OVERLAPS = [(0, "at once"), (HOUR, "in an hour"), (24 * HOUR, "in a day"), (7 * 24 * HOUR, "in a week")]


LIVES = [(30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), ("never", "never")]


def _lines(given: Any) -> Any:
    return [line.strip() for text in given for line in text.splitlines() if line.strip()]


Lines = Annotated[Patterns, BeforeValidator(_lines)]
Life = Annotated[Days | None, BeforeValidator(lambda given: None if given == "never" else given)]


class ServiceTokenForm(NewServiceToken):
    """The form for a new one: patterns stand one on a line."""

    tasks: Lines = Field(default_factory=list)
    queues: Annotated[Lines, Field(min_length=1)] = Field(default=["*"])
    schedules: Lines = Field(default_factory=list)
    days: Life


class RotationForm(Closed):
    """The form for another secret."""

    seconds: Annotated[int, Field(ge=0, le=7 * 24 * HOUR)]
    days: Days | None = None
    password: Password | None = None


@bp.get("")
def index() -> Response:
    """List the service tokens."""
    with transaction() as db:
        found = [ServiceTokenView.of(token) for token in service_tokens.unrevoked(db)]
    return render("service_tokens/index.html", tokens=found, lives=LIVES, new_token=handed_on(), proof=proof.wanted())


@bp.post("")
@show_again(index)
def create() -> AnyResponse:
    """Make one and show its secret, this once."""
    new = read_form(ServiceTokenForm)
    _, secret = actions.make(current_caller(), new)
    hand_on(secret=secret, name=new.name)
    return see_other(".index")


@bp.get("/<uuid:id>")
def show(id: UUID) -> Response:
    """Show one, and ask how its secret is to be replaced."""
    with transaction() as db:
        token = ServiceTokenView.of(service_tokens.find(db, id))
        names = names_of(db, {token.created_by})
    facts: dict[str, Any] = {"overlaps": OVERLAPS, "new_token": handed_on(), "proof": proof.wanted()}
    return render("service_tokens/show.html", token=token, names=names, **facts)


@bp.post("/<uuid:id>/rotate")
@show_again(show)
def rotate(id: UUID) -> AnyResponse:
    """Make another secret and show it, this once."""
    form = read_form(RotationForm)
    until = clock.now() + timedelta(seconds=form.seconds)
    wanted = Rotation.model_construct(old_until=until, days=form.days, password=form.password)
    token, secret = actions.rotate(current_caller(), id, wanted)
    hand_on(secret=secret, name=token.name)
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/revoke")
def revoke(id: UUID) -> AnyResponse:
    """End one."""
    with transaction() as db:
        token = actions.revoke(db, id)
    flash(f"The token {token.name} is revoked.")
    return see_other(".index")
