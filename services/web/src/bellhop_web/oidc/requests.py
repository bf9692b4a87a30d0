"""What people send about the identities that let them in, and what they see of them."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_web.accounts.fields import Password
from bellhop_web.http.request import Closed
from bellhop_web.http.times import Utc


class NewLink(Closed):
    """The identity to be linked, as a ticket, and the password."""

    identity: Annotated[str, Field(max_length=4000)]
    password: Password | None = None


class IdentityView(BaseModel):
    """Who you are at an issuer of OpenID Connect."""

    id: UUID
    issuer: str = Field(description="Its address")
    subject: str = Field(description="How the issuer names you for good")
    name: str = Field(description="How the issuer called you at the latest sign-in")
    created_at: Utc
    last_used_at: Utc | None = Field(description="The latest sign-in; null: there was none yet")


class IdentitiesView(BaseModel):
    """The identities that let you into your account, oldest first."""

    identities: list[IdentityView]
