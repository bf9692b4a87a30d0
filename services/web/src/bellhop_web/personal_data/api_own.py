"""Routes of /api/account/export and /deletion: your own personal data."""

from flask import Response

from bellhop_web.accounts.sessions import without_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.personal_data import actions
from bellhop_web.personal_data.export import AS_FILE
from bellhop_web.personal_data.requests import OwnDeletion, OwnExport

bp = blueprint("own_data", "/api/account", tag="account", access=Access.SELF)


@bp.post("/export", responses={**answers(200, None, 400, 413, 415, 429), **AS_FILE})
def export_account(body: OwnExport) -> Response:
    """Return all that is kept of you as a file of JSON (GDPR, articles 15 and 20)."""
    return actions.export_own(current_user_id(), body.password)


@bp.post("/deletion", responses=answers(204, None, 400, 409, 413, 415, 429))
def delete_account(body: OwnDeletion) -> Response:
    """Delete your account with your personal data (GDPR, article 17). This cannot be undone.

    What the ledger keeps names nobody any more. Schedules, service tokens and notification rules that you have made go
    on: `hand_over_to` names the admin to whom they go, and without it the answer is 409, which lists them as `owned`.
    The last admin cannot be deleted either.
    """
    actions.delete_own(current_user_id(), body.password, body.hand_over_to)
    return without_session(Response(status=204))
