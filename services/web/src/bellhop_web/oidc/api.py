"""Routes of /api/account/identities: by which sign-ins with the issuer you come in."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.accounts.identities import identities_of
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.oidc.linking import unlink
from bellhop_web.oidc.requests import IdentitiesView, IdentityView
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("identities", "/api/account/identities", tag="account", access=Access.SELF)


class IdentityPath(Parameters):
    """Which identity."""

    identity_id: UUID = Field(description="The identity's `id`")


@bp.get("", responses=answers(200, IdentitiesView))
def list_identities() -> Response:
    """List by which sign-ins with an issuer of OpenID Connect you come into your account.

    One is linked on the page of the account, for that takes a browser.
    """
    user_id = current_user_id()
    with transaction() as db:
        found = [IdentityView.model_validate(one, from_attributes=True) for one in identities_of(db, user_id)]
    return respond(IdentitiesView(identities=found))


@bp.delete("/<identity_id>", responses=answers(204, None, 404, 409))
def unlink_identity(path: IdentityPath) -> Response:
    """Take a sign-in with the issuer out of your account. The sessions that it began end.

    The only way into an account stays: it is a conflict.
    """
    user_id = current_user_id()
    with transaction() as db:
        unlink(db, user_id, path.identity_id)
    return Response(status=204)
