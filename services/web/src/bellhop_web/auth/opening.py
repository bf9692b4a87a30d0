"""Opening: whether strangers may make accounts here. Where they may not, no unconfirmed account comes in either."""

from flask import current_app

from bellhop.errors import Refused
from bellhop_web.settings import SignUp


class SignUpIsOff(Refused):
    """Nobody can sign up here; ask whoever runs this installation for an account."""

    status = 403


def sign_up_is_open() -> bool:
    """Whether anybody may make an account."""
    return bool(current_app.config["SIGN_UP"] is SignUp.OPEN)


def require_open() -> None:
    """Raise SignUpIsOff where nobody may make an account."""
    if not sign_up_is_open():
        raise SignUpIsOff
