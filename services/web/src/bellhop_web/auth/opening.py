"""Opening: how people may come in here: who may make an account, and whether passwords let anybody in.

Where strangers may not, no unconfirmed account comes in either.
"""

from flask import current_app

from bellhop.errors import Refused
from bellhop_web.settings import SignUp


class SignUpIsOff(Refused):
    """Nobody can sign up here; ask whoever runs this installation for an account."""

    status = 403


class InvitationsAreOff(Refused):
    """Nobody can be invited here, and no invitation is taken, because SIGN_UP is off."""

    status = 403


class LocalSignInIsOff(Refused):
    """Passwords let nobody in here."""

    status = 403

    def __init__(self) -> None:
        super().__init__(f"{self.__doc__} Sign in with {issuer_name()}.")


def issuer_name() -> str | None:
    """Return how the issuer is called at which people sign in, None where there is none."""
    oidc = current_app.config["OIDC"]
    return oidc and str(oidc.name)


def local_sign_in_is_on() -> bool:
    """Whether a password lets its owner in."""
    return bool(current_app.config["LOCAL_SIGN_IN"])


def require_local_sign_in() -> None:
    """Raise LocalSignInIsOff where a password lets nobody in."""
    if not local_sign_in_is_on():
        raise LocalSignInIsOff


def strangers_may_come() -> bool:
    """Whether anybody may have an account, by whichever way."""
    return _who() is SignUp.OPEN


def sign_up_is_open() -> bool:
    """Whether anybody may make an account with a password."""
    return local_sign_in_is_on() and strangers_may_come()


def require_open() -> None:
    """Raise LocalSignInIsOff or SignUpIsOff where strangers may make no account with a password; it names who may."""
    require_local_sign_in()
    if not sign_up_is_open():
        raise SignUpIsOff(sign_up=_who())


def invitations_are_open() -> bool:
    """Whether people may be invited: they choose a password, or sign in with the issuer."""
    return _who() is not SignUp.OFF


def require_invitations() -> None:
    """Raise InvitationsAreOff where nobody may be invited."""
    if not invitations_are_open():
        raise InvitationsAreOff


def _who() -> SignUp:
    found: SignUp = current_app.config["SIGN_UP"]
    return found
