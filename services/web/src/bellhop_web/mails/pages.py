"""Pages for operators: the mails, and what became of each."""

from uuid import UUID

from flask import Response, request, url_for
from pydantic import ValidationError

from bellhop.builtins.mail import MailState
from bellhop.errors import Invalid
from bellhop_ledger.platform.database import transaction
from bellhop_web.http.problems import faults_of
from bellhop_web.mails.listing import MailQuery, find, page
from bellhop_web.site import pages_blueprint, render

STATES = [("", "any"), *((state.value, state.value) for state in MailState), ("retrying", "retrying")]
COLOURS = {MailState.QUEUED: "queued", MailState.SENT: "good", MailState.KEPT: "neutral", MailState.DEAD: "bad"}
"""The badges of style.css."""
bp = pages_blueprint("mails")


@bp.get("")
def index() -> Response:
    """List the mails."""
    query = wanted()
    with transaction() as db:
        found = page(db, query)
    older = url_for(".index", **query.filters, cursor=found.next_cursor) if found.next_cursor else None
    return render("mails/index.html", mails=found.mails, query=query, states=STATES, colours=COLOURS, older=older)


def wanted() -> MailQuery:
    """Read the filters; an empty field is none. Raises Invalid."""
    given = {name: value for name, value in request.args.items() if value and name in MailQuery.model_fields}
    if given.get("state") == "retrying":  # no state of the table, but people choose it as one
        given = {name: value for name, value in given.items() if name != "state"} | {"retrying": "true"}
    try:
        return MailQuery.model_validate(given)
    except ValidationError as error:
        raise Invalid(faults=faults_of(error)) from None


@bp.get("/<uuid:mail_id>")
def show(mail_id: UUID) -> Response:
    """Show one mail with its text."""
    with transaction() as db:
        found = find(db, mail_id)
    return render("mails/mail.html", mail=found, colours=COLOURS)
