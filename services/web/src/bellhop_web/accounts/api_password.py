"""Routes of /api/account/password: change it, or choose a new one when it is forgotten."""

from flask import Response

from bellhop_web.accounts import signing
from bellhop_web.accounts.api import signed_in
from bellhop_web.accounts.requests import Forgotten, MailSentView, PasswordChange, Reset, SignedInView
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint(
    "account_password",
    "/api/account",
    tag="account",
    access=Access.SELF,
    public=("ask_for_password_reset", "reset_password"),
)
LOOK = MailSentView(message="We have sent a mail to this address")


@bp.put("/password", responses=answers(200, SignedInView, 400, 413, 415, 429))
def change_password(body: PasswordChange) -> Response:
    """Change your password. All sessions end, and a new one begins; personal tokens end too, unless you keep them."""
    changed = signing.change_password(current_user_id(), body.current, body.new, and_tokens=body.revoke_tokens)
    return signed_in(*changed)


@bp.post("/password-reset", responses=answers(202, MailSentView, 400, 413, 415, 429))
def ask_for_password_reset(body: Forgotten) -> Response:
    """Ask for a mail with a link with which you can choose a new password."""
    signing.ask_for_reset(body.email)
    return respond(LOOK, 202)


@bp.put("/password-reset", responses=answers(200, SignedInView, 400, 413, 415))
def reset_password(body: Reset) -> Response:
    """Choose a new password with the link of the mail. All sessions and personal tokens end; a session begins."""
    return signed_in(*signing.reset_password(body.token, body.password))
