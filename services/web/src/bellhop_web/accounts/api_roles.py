"""Route of /api/users/role: who may do what."""

from flask import Response
from pydantic import Field

from bellhop_ledger.accounts import system_tokens
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.users import find_by_address
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.fields import Email
from bellhop_web.accounts.requests import AccountView
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Closed
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("roles", "/api/users", tag="account", access=Access.ADMIN)


class RoleRequest(Closed):
    """What somebody may do from now on."""

    email: Email
    role: Role = Field(strict=False, description="`viewer`, `member`, `operator` or `admin`")
    sees_payloads: bool | None = Field(
        default=None,
        description="Whether arguments, results, errors and logs of others' jobs are shown; null: as it is",
    )


@bp.put("/role", responses=answers(200, AccountView, 400, 404, 409, 413, 415))
def change_role(body: RoleRequest) -> Response:
    """Change what somebody may do.

    It holds from their next request on, for tokens within five seconds. Where nobody could come in any more as an
    admin, it is a conflict.
    """
    with transaction() as db:
        user = find_by_address(db, body.email)
        before = user.role
        user.role = body.role
        user.sees_payloads = user.sees_payloads if body.sees_payloads is None else body.sees_payloads
        db.flush()
        system_tokens.refuse_locked_out(db)
        facts = {"before": before, "role": user.role, "sees_payloads": user.sees_payloads}
        note(db, Audited.USER_CHANGED, "user", user.id, **facts)
        shown = AccountView.of(user)
    return respond(shown)
