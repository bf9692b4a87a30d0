"""Routes of /api/service-tokens."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.accounts import service_tokens
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.service_tokens import actions
from bellhop_web.service_tokens.requests import (
    NewSecretView,
    NewServiceToken,
    Rotation,
    ServiceTokenChanges,
    ServiceTokensView,
    ServiceTokenView,
)

bp = blueprint("service_tokens", "/api/service-tokens", tag="service-tokens", access=Access.ADMIN)


class ServiceTokenPath(Parameters):
    """Which service token."""

    service_token_id: UUID = Field(description="The service token's `id`")


@bp.get("", responses=answers(200, ServiceTokensView))
def list_service_tokens() -> Response:
    """List the service tokens that are not revoked, by name, also those that have expired."""
    with transaction() as db:
        found = [ServiceTokenView.of(token) for token in service_tokens.unrevoked(db)]
    return respond(ServiceTokensView(service_tokens=found))


@bp.post("", responses=answers(201, NewSecretView, 400, 409, 413, 415, 429))
def create_service_token(body: NewServiceToken) -> Response:
    """Make a token for an application. Its secret is in this answer and nowhere else.

    It may submit the tasks that fit its patterns, and sees, cancels and retries the jobs that it has submitted. It sees
    and manages the schedules that fit its patterns. Everything else is refused with 403.
    """
    return respond(NewSecretView.of_secret(*actions.make(current_caller(), body)), 201)


@bp.patch("/<service_token_id>", responses=answers(200, ServiceTokenView, 400, 404, 413, 415, 429))
def change_service_token(path: ServiceTokenPath, body: ServiceTokenChanges) -> Response:
    """Change what a service token may do, for all its secrets, within five seconds.

    What it has submitted stays its own. Schedules that it has made go on, also those that it no longer sees.
    """
    return respond(ServiceTokenView.of(actions.change(current_caller(), path.service_token_id, body)))


@bp.post("/<service_token_id>/rotate", responses=answers(201, NewSecretView, 400, 404, 409, 413, 415, 429))
def rotate_service_token(path: ServiceTokenPath, body: Rotation) -> Response:
    """Rotate the secret of a service token. The one before stays valid beside it for as long as you say.

    The secrets before that one end at once. What the token has submitted stays its own.
    """
    return respond(NewSecretView.of_secret(*actions.rotate(current_caller(), path.service_token_id, body)), 201)


@bp.delete("/<service_token_id>", responses=answers(204, None, 404))
def revoke_service_token(path: ServiceTokenPath) -> Response:
    """End a service token with all its secrets; it is refused within five seconds. Its jobs and schedules go on."""
    with transaction() as db:
        actions.revoke(db, path.service_token_id)
    return Response(status=204)
