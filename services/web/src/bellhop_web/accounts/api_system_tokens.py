"""Routes of /api/system-tokens: the tokens that belong to no account, for admins."""

from flask import Response
from pydantic import BaseModel

from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.requests import TokenView
from bellhop_web.accounts.tokens import tokens_of_the_system
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("system_tokens", "/api/system-tokens", tag="account", access=Access.ADMIN)


class SystemTokensView(BaseModel):
    """The tokens of the system that are valid, newest first: that of `ADMIN_TOKEN`, without its secret."""

    tokens: list[TokenView]


@bp.get("", responses=answers(200, SystemTokensView))
def list_system_tokens() -> Response:
    """List the tokens that belong to the system and not to a person.

    Such a token may do what an admin may. It is replaced by another `ADMIN_TOKEN`, and ends
    after `ADMIN_TOKEN_DAYS` where that is set.
    """
    with transaction() as db:
        found = [TokenView.of(token) for token in tokens_of_the_system(db)]
    return respond(SystemTokensView(tokens=found))
