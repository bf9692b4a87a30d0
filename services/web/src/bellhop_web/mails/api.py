"""Routes of /api/mails: what was sent to whom, for operators."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.mails.listing import MailPageView, MailQuery, MailView, find, page, shown_to
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("mails", "/api/mails")


class MailPath(Parameters):
    """Which mail."""

    mail_id: UUID = Field(description="The mail's `id`")


@bp.get("", responses=answers(200, MailPageView))
def list_mails(query: MailQuery) -> Response:
    """List mails, newest first. A text that is too long for a list stands in the mail itself."""
    with transaction() as db:
        found = page(db, query)
    found.mails = [shown_to(current_caller(), mail) for mail in found.mails]
    return respond(found)


@bp.get("/<mail_id>", responses=answers(200, MailView, 404))
def show_mail(path: MailPath) -> Response:
    """Show a mail."""
    with transaction() as db:
        found = find(db, path.mail_id)
    return respond(shown_to(current_caller(), found))
