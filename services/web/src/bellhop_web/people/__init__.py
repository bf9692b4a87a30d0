"""People: who has an account or is invited, what they may do, and whether they come in. For admins."""

from bellhop_web.auth.access import Access
from bellhop_web.domain import Domain, Link

domain = Domain(
    package=__name__,
    tags={"people": "Who has an account, what they may do, and whether they come in"},
    api=("api", "api_person", "api_invitations", "api_address"),
    pages=("pages", "pages_person", "pages_invitations", "pages_address"),
    links=(Link(label="People", path="/people", access=Access.ADMIN),),
    examples="examples",
    sign_up=(
        "invitations.accept_invitation",
        "invitations_pages.accept",
        "account_address.ask_for_address",
        "address_pages.ask",
    ),
)
