"""Letters: what we write to people about the ways into their accounts."""

from bellhop_ledger.accounts.identities import Identity
from bellhop_ledger.mail import Letter, Link
from bellhop_ledger.platform.settings import Settings
from bellhop_web.accounts.letters import TAKE_BACK
from bellhop_web.auth.opening import issuer_name

IDENTITIES = "/account/identities"


def linked(identity: Identity) -> Letter:
    """Return the letter that there is another way into an account."""
    return Letter(
        f"Your Bellhop account is linked to {issuer_name()}",
        (
            f"Signing in with {issuer_name()} as {identity.name} opens your account at Bellhop from now on.",
            f"If that was not you, remove it on the page of your account, and {TAKE_BACK}",
        ),
        Link("The ways into your account", Settings.load().public_url + IDENTITIES),
    )
