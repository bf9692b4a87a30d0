"""Letters: what we write to people about their accounts."""

from bellhop_ledger.accounts.invitations import Invitation
from bellhop_ledger.accounts.tokens import Scope, Token
from bellhop_ledger.accounts.users import User
from bellhop_ledger.mail import Letter, Link
from bellhop_ledger.platform.settings import Settings
from bellhop_web.accounts import links
from bellhop_web.auth.opening import SignUpIsOff, issuer_name, local_sign_in_is_on, sign_up_is_open
from bellhop_web.site.paths import ACCOUNT, SIGN_IN, SIGN_UP

NOT_YOU = "If that was not you, you need do nothing."
TAKE_BACK = (
    "choose a new password at once: on the page for signing in, say that you forgot it. "
    "That ends all sessions and API tokens."
)

TELL = "tell whoever runs this installation."


def activation(user: User) -> Letter:
    """Ask whether the address is theirs."""
    return Letter(
        "Confirm your address",
        (
            "Somebody, probably you, has made an account at Bellhop with this address.",
            f"The link is valid for a day. {NOT_YOU}",
        ),
        Link("Confirm your address", links.url_for_user(user, links.ACTIVATION), secret=True),
    )


def invitation(invited: Invitation, secret: str) -> Letter:
    """Ask somebody to make the account that was prepared for them."""
    return Letter(
        "You are invited to Bellhop",
        (
            f"Somebody who runs an installation of Bellhop invites you, with the role {invited.role}.",
            f"{_ways_in()} before {invited.expires_at:%d %b %Y, %H:%M} UTC. {NOT_YOU}",
        ),
        Link("Accept the invitation", links.url_for_invitation(secret), secret=True),
    )


def _ways_in() -> str:
    ways = ["choose a password"] if local_sign_in_is_on() else []
    if name := issuer_name():
        ways.append(f"sign in with {name}, where you must have this address,")
    words = " or ".join(ways)
    return words[0].upper() + words[1:]


def account_exists() -> Letter:
    """Return the letter to the owner of an account that somebody wanted to make again."""
    return Letter(
        "You have an account already",
        (
            "Somebody, probably you, wanted to make an account at Bellhop with this address. You have one already.",
            NOT_YOU,
        ),
        Link("Sign in", Settings.load().public_url + SIGN_IN),
    )


def reset(user: User) -> Letter:
    """Let somebody choose a new password."""
    return Letter(
        "Choose a new password",
        (
            "Somebody, probably you, has asked for a new password at Bellhop.",
            f"The link is valid for an hour. {NOT_YOU}",
        ),
        Link("Choose a new password", links.url_for_user(user, links.RESET), secret=True),
    )


def new_address(user: User, email: str) -> Letter:
    """Ask whether the new address of an account is theirs."""
    return Letter(
        "Confirm your new address",
        (
            "Somebody, probably you, wants this to be the address of an account at Bellhop.",
            f"The link is valid for a day. {NOT_YOU}",
        ),
        Link("Confirm the address", links.url_for_address(user, email), secret=True),
    )


def address_asked(owner: User) -> Letter:
    """Return the letter to the present address that another one is wanted."""
    return Letter(
        "Your address is to be changed",
        (
            "Another address was named for your account at Bellhop. It takes the place of this one once confirmed.",
            f"If that was not you, {TAKE_BACK if owner.password_hash else TELL}",
        ),
        Link("Sign in", Settings.load().public_url + SIGN_IN),
    )


def address_changed() -> Letter:
    """Return the letter to the address that an account had."""
    return Letter(
        "Your address was changed",
        (
            "Your account at Bellhop has another address now, and this one is no longer used.",
            "If that was not you, tell whoever runs this installation at once.",
        ),
    )


def account_deleted() -> Letter:
    """Return the last letter to whoever had an account."""
    return Letter(
        "Your account is deleted",
        (
            "Your account at Bellhop is deleted, with all that was personal. This is the last mail to this address.",
            "If that was not you, tell whoever runs this installation at once.",
        ),
    )


def no_account() -> Letter:
    """Return the letter to somebody who asked for a new password and has no account."""
    return Letter(
        "There is no account with this address",
        (
            "Somebody, probably you, has asked for a new password at Bellhop. No account has this address.",
            *(() if sign_up_is_open() else (f"{SignUpIsOff.__doc__}",)),
            NOT_YOU,
        ),
        Link("Sign up", Settings.load().public_url + SIGN_UP) if sign_up_is_open() else None,
    )


def no_password() -> Letter:
    """Return the letter to somebody who asked for a new password, and whose account has none."""
    return Letter(
        "Your account has no password",
        (
            "Somebody, probably you, has asked for a new password at Bellhop.",
            f"Your account has none: you sign in with {issuer_name() or 'single sign-on'}. {NOT_YOU}",
        ),
        Link("Sign in", Settings.load().public_url + SIGN_IN),
    )


def password_changed(*, and_tokens: bool) -> Letter:
    """Return the letter that a password was changed, and what ended with it."""
    ended = "all its sessions and API tokens were ended" if and_tokens else "all its sessions were ended"
    kept = () if and_tokens else ("Its API tokens are still valid; the page of your account lists and revokes them.",)
    return Letter(
        "Your password was changed",
        (
            f"The password of your account at Bellhop was changed, and {ended}.",
            *kept,
            f"If that was not you, {TAKE_BACK}",
        ),
        Link("Sign in", Settings.load().public_url + SIGN_IN),
    )


def token_made(token: Token, owner: User) -> Letter:
    """Return the letter that there is a new way into an account."""
    then = TAKE_BACK if owner.password_hash else TELL
    may = "read everything that you may" if token.scope is Scope.READ else "do everything that you may"
    return Letter(
        "A new API token was made",
        (
            f"A token named \u201c{token.name}\u201d was made for your account at Bellhop. Whoever has it may {may}, "
            f"until {token.expires_at:%d %b %Y, %H:%M} UTC.",
            f"If that was not you, revoke it on the page of your account, and {then}",
        ),
        Link("Your account", Settings.load().public_url + ACCOUNT),
    )
