"""Accounts: signing up and in, sessions, passwords and tokens. The API and the pages call the same verbs."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    tags={"account": "Sign up, sign in, and what lets somebody in as you"},
    api=("api", "api_password", "api_keys", "api_system_tokens"),
    pages=("pages_signing", "pages_links", "pages_passwords", "pages"),
    sign_up=(
        "account.sign_up",
        "account.activate",
        "account_password.ask_for_password_reset",
        "account_password.reset_password",
        "signing_pages.sign_up",
        "links_pages.activate",
        "links_pages.reset",
        "passwords_pages.forgotten",
    ),
)
