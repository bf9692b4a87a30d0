"""Routes of /api/account/sessions and /api/account/tokens: what lets somebody in as you."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.requests import NewToken, NewTokenView, SessionsView, SessionView, TokensView, TokenView
from bellhop_web.accounts.sessions import end_session, sessions_of
from bellhop_web.accounts.tokens import make_token, revoke_token, tokens_of
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller, current_session, current_user_id
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("account_keys", "/api/account", tag="account", access=Access.SELF)


class SessionPath(Parameters):
    """Which session."""

    session_id: UUID = Field(description="The session's `id`")


class TokenPath(Parameters):
    """Which token."""

    token_id: UUID = Field(description="The token's `id`")


@bp.get("/sessions", responses=answers(200, SessionsView))
def list_sessions() -> Response:
    """List the browsers in which you are signed in."""
    user_id, current = current_user_id(), current_caller().session_id
    with transaction() as db:
        found = [SessionView.of(session, current) for session in sessions_of(db, user_id)]
    return respond(SessionsView(sessions=found))


@bp.delete("/sessions/<session_id>", responses=answers(204, None, 404))
def revoke_session(path: SessionPath) -> Response:
    """Sign a browser out."""
    user_id = current_user_id()
    with transaction() as db:
        end_session(db, user_id, path.session_id)
    return Response(status=204)


@bp.get("/tokens", responses=answers(200, TokensView))
def list_tokens() -> Response:
    """List your personal tokens."""
    user_id = current_user_id()
    with transaction() as db:
        found = [TokenView.of(token) for token in tokens_of(db, user_id)]
    return respond(TokensView(tokens=found))


@bp.post("/tokens", responses=answers(201, NewTokenView, 400, 409, 413, 415, 429))
def create_token(body: NewToken) -> Response:
    """Create a personal token. Its owner is notified by mail.

    Wants a session and the password: a token cannot make others that outlive it.
    """
    return respond(NewTokenView.of_secret(*make_token(*current_session(), body)), 201)


@bp.delete("/tokens/<token_id>", responses=answers(204, None, 404))
def revoke_personal_token(path: TokenPath) -> Response:
    """End a personal token; it is refused within five seconds."""
    user_id = current_user_id()
    with transaction() as db:
        revoke_token(db, user_id, path.token_id)
    return Response(status=204)
