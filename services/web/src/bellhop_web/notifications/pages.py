"""Pages of the rules about notifications: the list, a form for a new one, and one page a rule to change and test it."""

from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.notifications import rules
from bellhop_ledger.notifications.tables import Channel, Watched
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import MASK
from bellhop_ledger.platform.zones import zone_names
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.http.request import Closed
from bellhop_web.notifications import actions
from bellhop_web.notifications.requests import RuleRequest
from bellhop_web.notifications.views import views_of
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("notifications")

CHANNELS = [
    (Channel.MAIL, "mail"),
    (Channel.WEBHOOK, "signed webhook"),
    (Channel.SLACK, "Slack"),
    (Channel.TEAMS, "Microsoft Teams"),
]


class RuleForm(RuleRequest):
    """The form of a rule: a box that is not ticked is not sent."""

    recovered: bool = False

    def meant(self) -> "RuleForm":
        """Return it without the stars of a channel that it is not for any more."""
        stale = {
            "url": self.channel is Channel.MAIL and self.url == MASK,
            "signing_secret": self.channel is not Channel.WEBHOOK and self.signing_secret == MASK,
        }
        return self.model_copy(update={name: None for name, is_stale in stale.items() if is_stale})


class Preset(Closed):
    """What stands in the form for a new rule, where another page leads to it."""

    kind: Annotated[Watched, Field(strict=False)] = Watched.SCHEDULE
    name: Annotated[str, Field(max_length=200)] = ""


def _choices() -> dict[str, Any]:
    kinds = [(kind.value, kind.value) for kind in Watched]
    return {"kinds": kinds, "channels": CHANNELS, "zones": sorted(zone_names())}


@bp.get("")
def index() -> Response:
    """List the rules."""
    preset, _ = valid_query(Preset)
    with transaction() as db:
        found = views_of(db, rules.all_rules(db))
    return render("notifications/index.html", found=found, words=dict(CHANNELS), old=preset, rule=None, **_choices())


@bp.post("")
@show_again(index)
def create() -> AnyResponse:
    """Make a rule."""
    form = read_form(RuleForm).meant()
    with transaction() as db:
        made = actions.create(db, current_caller(), form)
    flash(f"The {made.kind} {made.pattern} is watched.")
    return see_other(".show", id=made.id)


@bp.get("/<uuid:id>")
def show(id: UUID) -> Response:
    """Show a rule with what it has found, and the form to change it."""
    with transaction() as db:
        [rule] = views_of(db, [rules.find(db, id)])
        names = names_of(db, {rule.owner, rule.updated_by})
    return render("notifications/show.html", rule=rule, old=rule, names=names, **_choices())


@bp.post("/<uuid:id>")
@show_again(show)
def change(id: UUID) -> AnyResponse:
    """Change a rule."""
    form = read_form(RuleForm).meant()
    with transaction() as db:
        actions.change(db, current_caller(), id, form)
    flash("The rule is saved.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/test")
def test(id: UUID) -> AnyResponse:
    """Send a notification that says that it is a test."""
    with transaction() as db:
        job = actions.test(db, id)
    flash(f"A test is on its way; job {job} sends it.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/delete")
def delete(id: UUID) -> AnyResponse:
    """Delete a rule."""
    with transaction() as db:
        gone = actions.delete(db, id)
    flash(f"The {gone.kind} {gone.pattern} is not watched by this rule any more.")
    return see_other(".index")
