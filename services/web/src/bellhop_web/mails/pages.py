"""Pages for operators: the mails, and what became of each."""

from typing import Any
from uuid import UUID

from flask import Response, url_for
from pydantic import model_validator

from bellhop.builtins.mail import MailState
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.callers import current_caller
from bellhop_web.jobs.filters import without_made_up
from bellhop_web.mails.listing import MailQuery, find, page, shown_to
from bellhop_web.search.fields import RETRYING
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query

STATES = [("", "any"), *((state.value, state.value) for state in MailState), (RETRYING, RETRYING)]
COLOURS = {MailState.QUEUED: "queued", MailState.SENT: "good", MailState.KEPT: "neutral", MailState.DEAD: "bad"}
"""The badges of style.css."""
bp = pages_blueprint("mails")


class MailFilters(MailQuery):
    """Which mails the page lists."""

    @model_validator(mode="before")
    @classmethod
    def _retrying_as_state(cls, given: dict[str, Any]) -> dict[str, Any]:
        return without_made_up(given, [RETRYING])


@bp.get("")
def index() -> Response:
    """List the mails."""
    query, faults = valid_query(MailFilters)
    with transaction() as db:
        found = page(db, query)
    older = url_for(".index", **query.filters, cursor=found.next_cursor) if found.next_cursor else None
    facts = {"faults_found": faults, "query": query, "states": STATES, "colours": COLOURS}
    return render("mails/index.html", 422 if faults else 200, mails=found.mails, older=older, **facts)


@bp.get("/<uuid:mail_id>")
def show(mail_id: UUID) -> Response:
    """Show one mail with its text."""
    with transaction() as db:
        found = find(db, mail_id)
    return render("mails/mail.html", mail=shown_to(current_caller(), found), colours=COLOURS)
