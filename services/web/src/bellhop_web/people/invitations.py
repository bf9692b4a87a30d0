"""What is sent about invitations, and what is seen of them."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.accounts.invitations import Invitation
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform import clock
from bellhop_web.accounts.fields import Email, LinkToken, NewPassword, Password
from bellhop_web.http.request import Closed, Parameters
from bellhop_web.http.times import Utc
from bellhop_web.people.requests import PROOF


class InvitationPath(Parameters):
    """Which invitation."""

    invitation_id: UUID = Field(description="The invitation's `id`")


class NewInvitation(Closed):
    """Who is invited, and what they may do then."""

    email: Email
    role: Role = Field(strict=False, description="`viewer`, `member`, `operator` or `admin`")
    password: Password | None = Field(default=None, description=PROOF)


class Acceptance(Closed):
    """The link of an invitation, and the password of the account that it makes."""

    token: LinkToken
    password: NewPassword


class InvitationView(BaseModel):
    """An invitation that is open: neither accepted nor revoked."""

    id: UUID
    email: str
    role: Role = Field(description="What they may do once they have accepted")
    invited_by: str = Field(description="`user:<id>` or `token:<id>`")
    created_at: Utc
    sent_at: Utc = Field(description="When the latest link was made; those before it are no longer valid")
    expires_at: Utc = Field(description="Until when that link is valid")
    expired: bool = Field(description="Whether the link is no longer valid; the invitation can be sent again")

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """Show an invitation."""
        facts = {name: getattr(invitation, name) for name in cls.model_fields.keys() - {"expired"}}
        return cls(**facts, expired=invitation.expires_at <= clock.now())


class InvitationsView(BaseModel):
    """The invitations that are open, newest first."""

    invitations: list[InvitationView]
