"""Routes of /api/people/<id>/export and /deletion: the personal data of somebody, for admins."""

from flask import Response

from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.people.requests import PersonPath
from bellhop_web.personal_data import actions
from bellhop_web.personal_data.export import AS_FILE
from bellhop_web.personal_data.requests import Deletion, Export

bp = blueprint("personal_data", "/api/people", tag="people", access=Access.ADMIN)


@bp.post("/<person_id>/export", responses={**answers(200, None, 400, 404, 413, 415, 429), **AS_FILE})
def export_person(path: PersonPath, body: Export) -> Response:
    """Return all that is kept of somebody as a file of JSON (GDPR, articles 15 and 20).

    It has the account, its sessions, tokens, jobs, schedules, service tokens, notification rules, mails and acts, and
    what each plug-in keeps. Passwords, secrets of tokens, and links that let somebody in are not in it.
    """
    return actions.export_person(current_caller(), path.person_id, body.password)


@bp.post("/<person_id>/deletion", responses=answers(204, None, 400, 404, 409, 413, 415, 429))
def delete_person(path: PersonPath, body: Deletion) -> Response:
    """Delete an account with its personal data (GDPR, article 17). This cannot be undone.

    What the ledger keeps names nobody any more. Schedules, service tokens and notification rules that it has made go
    on: `hand_over_to` names the admin to whom they go, and without it the answer is 409, which lists them as `owned`.
    The last admin cannot be deleted either.
    """
    actions.delete_person(current_caller(), path.person_id, body.password, body.hand_over_to)
    return Response(status=204)
