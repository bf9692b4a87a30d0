"""What is sent to export personal data, or to delete it."""

from pydantic import Field

from bellhop_web.accounts.fields import Email, Password
from bellhop_web.http.request import Closed
from bellhop_web.people.requests import OWN_PROOF, PROOF

HEIR = "The address of the admin to whom goes what the account has made and what goes on without it"


class OwnExport(Closed):
    """That you want your personal data."""

    password: Password | None = Field(default=None, description=OWN_PROOF)


class Export(Closed):
    """That the personal data of somebody are wanted."""

    password: Password | None = Field(default=None, description=PROOF)


class OwnDeletion(Closed):
    """That your account is to be deleted."""

    password: Password | None = Field(default=None, description=OWN_PROOF)
    hand_over_to: Email | None = Field(default=None, description=HEIR)


class Deletion(Closed):
    """That an account is to be deleted."""

    password: Password | None = Field(default=None, description=PROOF)
    hand_over_to: Email | None = Field(default=None, description=HEIR)
