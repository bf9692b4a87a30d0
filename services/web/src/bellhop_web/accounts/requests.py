"""What people send about their accounts, by the API or a form, and what they see of them."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop.text import ONE_LINE
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope, Token
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_web.accounts.fields import Email, LinkToken, NewPassword, Password
from bellhop_web.http.request import Closed
from bellhop_web.http.times import Utc


class NewAccount(Closed):
    """Who wants an account."""

    email: Email
    password: NewPassword


class Credentials(Closed):
    """Who wants to sign in."""

    email: Email
    password: Password


class Confirmation(Closed):
    """The link of the mail that confirms an address, with the password that was chosen."""

    token: LinkToken
    password: Password


class Forgotten(Closed):
    """Whose password is forgotten."""

    email: Email


class Reset(Closed):
    """A new password, with the link of the mail that lets one choose it."""

    token: LinkToken
    password: NewPassword


class PasswordChange(Closed):
    """The password that is, and the one that shall be."""

    current: Password
    new: NewPassword
    revoke_tokens: bool = Field(
        default=True,
        description="Whether your personal tokens end as well, as your sessions do. A reset ends them always",
    )


class NewToken(Closed):
    """A token that is wanted."""

    name: Annotated[str, Field(min_length=1, max_length=100), ONE_LINE] = Field(
        description="What it is for", examples=["laptop"]
    )
    scope: Scope = Field(default=Scope.READ, strict=False, description="`read`, or `write` for everything")
    days: int = Field(default=90, ge=1, le=366, description="After so many days it ends")
    password: Password | None = Field(
        default=None,
        description="Yours, so that a browser left signed in makes no token; null where your account has none: then "
        "sign in again within ten minutes before",
    )


class AccountView(BaseModel):
    """An account."""

    id: UUID
    email: str
    role: Role = Field(
        description="`viewer`: sees every job and changes nothing; `member`: submits, and sees their own; "
        "`operator`: runs this system; `admin`: decides who may do what"
    )
    sees_payloads: bool = Field(description="Whether arguments, results, errors and logs of others' jobs are shown")
    created_at: Utc

    @classmethod
    def of(cls, user: User) -> Self:
        """Show a user."""
        return cls(
            id=user.id, email=user.email, role=user.role, sees_payloads=user.sees_payloads, created_at=user.created_at
        )


class SignedInView(BaseModel):
    """Who is signed in now. The session is in the cookie `bellhop_session`, over TLS `__Host-bellhop_session`."""

    account: AccountView
    csrf_token: str = Field(description="Send it as `X-CSRF-Token` with every request that changes something")


class MailSentView(BaseModel):
    """That we write a mail. The answer is the same whether there is an account or not."""

    message: str


class SessionView(BaseModel):
    """A browser that is signed in."""

    id: UUID
    agent: str = Field(description="What the browser calls itself")
    created_at: Utc
    last_seen_at: Utc
    expires_at: Utc
    current: bool = Field(description="Whether it is the session of this request")

    @classmethod
    def of(cls, session: SignIn, current: UUID | None) -> Self:
        """Show a session."""
        facts = {name: getattr(session, name) for name in cls.model_fields if name != "current"}
        return cls(**facts, current=session.id == current)


class SessionsView(BaseModel):
    """The sessions of an account, newest first."""

    sessions: list[SessionView]


class TokenView(BaseModel):
    """A personal token, without its secret."""

    id: UUID
    name: str
    scope: Scope
    created_at: Utc
    last_used_at: Utc | None = Field(description="To the minute; null when it was never used")
    expires_at: Utc | None

    @classmethod
    def of(cls, token: Token) -> Self:
        """Show a token."""
        return cls.model_validate(token, from_attributes=True)


class TokensView(BaseModel):
    """The personal tokens of an account that are valid, newest first."""

    tokens: list[TokenView]


class NewTokenView(TokenView):
    """A new token, with the secret that is shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer <token>`; nobody can look it up again")

    @classmethod
    def of_secret(cls, token: Token, secret: str) -> Self:
        """Show a token that was just made."""
        return cls(**TokenView.of(token).model_dump(), token=secret)
