"""Routes of /api/system-tokens: the tokens that belong to no account, for admins."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from bellhop_ledger.accounts import system_tokens
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.requests import TokenView
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("system_tokens", "/api/system-tokens", tag="account", access=Access.ADMIN)


class SystemTokensView(BaseModel):
    """The tokens of the system that are valid, newest first: that of `ADMIN_TOKEN`, without its secret."""

    tokens: list[TokenView]


class SystemTokenPath(Parameters):
    """Which token of the system."""

    token_id: UUID = Field(description="The token's `id`")


@bp.get("", responses=answers(200, SystemTokensView))
def list_system_tokens() -> Response:
    """List the tokens that belong to the system and not to a person.

    Such a token may do what an admin may. It is replaced by another `ADMIN_TOKEN`, and ends
    after `ADMIN_TOKEN_DAYS` where that is set.
    """
    with transaction() as db:
        found = [TokenView.of(token) for token in system_tokens.valid(db)]
    return respond(SystemTokensView(tokens=found))


@bp.delete("/<token_id>", responses=answers(204, None, 404, 409))
def end_system_token(path: SystemTokenPath) -> Response:
    """End a token of the system; it is refused within five seconds.

    The same `ADMIN_TOKEN` does not make it valid again, another one does. Where no account that is open is an
    admin's, it is a conflict: nobody could come in any more.
    """
    with transaction() as db:
        system_tokens.end(db, path.token_id)
        note(db, Audited.SYSTEM_TOKEN_ENDED, "token", path.token_id)
    return Response(status=204)
