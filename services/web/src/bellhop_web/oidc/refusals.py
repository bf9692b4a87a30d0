"""Refusals: why a sign-in with the issuer does not let somebody in. `{issuer}` stands for how the issuer is called."""

from bellhop.errors import Refused
from bellhop_web.auth.opening import issuer_name


class NoSignIn(Refused):
    """{issuer} has not signed you in."""

    status = 403

    def __init__(self, reason: str = ""):
        super().__init__(f"{self.__doc__}".format(issuer=issuer_name()) + (reason and f" It says: {reason}"))


class IssuerDown(NoSignIn):
    """{issuer} does not answer as it should. Try again in a minute."""

    status = 503


class AttemptIsOver(NoSignIn):
    """This sign-in has taken too long, was used already, or began in another browser. Begin it again."""

    status = 400


class TokenNotValid(NoSignIn):
    """What {issuer} says of you could not be verified, so you are not signed in. Begin again."""


class NotFresh(NoSignIn):
    """{issuer} did not ask who you are, or does not say when it did."""


class SomebodyElse(NoSignIn):
    """You signed in with {issuer} as somebody else than here."""


class NoGroup(NoSignIn):
    """You are in no group of {issuer} that may come in here; ask whoever runs this installation."""


class NoAccount(NoSignIn):
    """You have no account here, and who signs in with {issuer} gets none; ask whoever runs this installation."""


class NoAddress(NoSignIn):
    """{issuer} does not tell your e-mail address, without which nobody has an account here."""


class AddressNotConfirmed(NoSignIn):
    """{issuer} says that your e-mail address is not confirmed. Confirm it there first."""


class AddressTaken(NoSignIn):
    """An account here has your e-mail address. Sign in with its password, and link this on the page of your account."""

    status = 409


class IdentityTaken(NoSignIn):
    """With this sign-in somebody comes into another account already."""

    status = 409


class LastWayIn(NoSignIn):
    """It is the only way into your account."""

    status = 409


class AccountDisabled(NoSignIn):
    """Your account is disabled."""
