"""Letters: what we write to people about their accounts."""

from bellhop.accounts import User
from bellhop.mail import Letter, Link
from bellhop.settings import Settings
from bellhop_web.accounts import links
from bellhop_web.page_paths import SIGN_IN, SIGN_UP

NOT_YOU = "If that was not you, you need do nothing."


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


def account_exists() -> Letter:
    """Tell the owner of an account that somebody wanted to make it again."""
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


def no_account() -> Letter:
    """Tell somebody who asked for a new password that there is no account."""
    return Letter(
        "There is no account with this address",
        (
            "Somebody, probably you, has asked for a new password at Bellhop. No account has this address.",
            NOT_YOU,
        ),
        Link("Sign up", Settings.load().public_url + SIGN_UP),
    )


def password_changed() -> Letter:
    """Tell somebody that their password is another one now."""
    return Letter(
        "Your password was changed",
        (
            "The password of your account at Bellhop was changed, and all its sessions were ended.",
            "If that was not you, choose a new password at once: on the page for signing in, say that you forgot it.",
        ),
        Link("Sign in", Settings.load().public_url + SIGN_IN),
    )
