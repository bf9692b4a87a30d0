"""Settings of the sign-in with an issuer of OpenID Connect, and of the one with a password beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.secrets import EncryptionSettings
from bellhop_ledger.platform.server_address import check_web_address
from bellhop_ledger.platform.settings import SettingsError

ROLES = tuple(Role)
"""From little to much: whoever is in groups of several roles gets the last of them."""


@dataclass(frozen=True)
class Oidc:
    """An issuer, and what its people may do here."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: str
    scopes: str
    groups_claim: str
    roles: Mapping[str, Role]
    """By group; empty: groups decide nothing, and admins change roles here."""
    default_role: Role | None
    links_by_address: bool
    public_url: str

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """Return the role that somebody in these groups has, None where no group of theirs has one."""
        given = [self.roles[group] for group in groups if group in self.roles]
        return max(given, key=ROLES.index, default=None)


class OidcSettings(EncryptionSettings):
    """The issuer at which people sign in, and whether they may sign in with a password too."""

    oidc_issuer: str = ""
    """The address that the issuer calls itself by; empty: nobody signs in elsewhere."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = Field(default="single sign-on", max_length=60)
    """How people call the issuer: `Sign in with ...`."""
    oidc_scopes: str = "openid email profile"
    oidc_groups_claim: str = "groups"
    """The claim that lists somebody's groups; with points the path to one inside others."""
    oidc_roles: str = ""
    """Which group has which role: `ops=operator,admins=admin`."""
    oidc_default_role: Role | None = None
    """The role of those in none of these groups; not set: they are refused."""
    oidc_link_by_address: bool = False
    """Whether an account without another identity is linked to whoever has its address confirmed at the issuer."""
    local_sign_in: bool = True
    """Whether people may sign in with a password."""

    @field_validator("oidc_issuer")
    @classmethod
    def can_be_asked(cls, url: str) -> str:
        """Refuse what is no address of the web."""
        return url and check_web_address(url)

    @field_validator("oidc_scopes")
    @classmethod
    def ask_who_it_is(cls, scopes: str) -> str:
        """Refuse scopes for which no issuer says who somebody is."""
        if "openid" not in scopes.split():
            raise ValueError("must have openid among its words, which stand apart by blanks")
        return scopes

    @field_validator("oidc_roles")
    @classmethod
    def name_roles(cls, written: str) -> str:
        """Refuse what is no role."""
        roles_of(written)
        return written

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Refuse half an issuer, and a system into which nobody could come."""
        for name in ("client_id", "client_secret"):
            value = getattr(self, f"oidc_{name}")
            if self.oidc_issuer and not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                raise SettingsError(f"OIDC_{name.upper()}: must be set where OIDC_ISSUER is")
        if self.production and self.oidc_issuer.startswith("http:"):
            raise SettingsError("OIDC_ISSUER: must be https when APP_ENV=production")
        if not (self.local_sign_in or self.oidc_issuer):
            raise SettingsError("LOCAL_SIGN_IN: must be on where OIDC_ISSUER is not set: nobody could sign in")
        return self

    @property
    def oidc(self) -> Oidc | None:
        """The issuer, where there is one."""
        if not self.oidc_issuer:
            return None
        return Oidc(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret,
            name=self.oidc_name,
            scopes=self.oidc_scopes,
            groups_claim=self.oidc_groups_claim,
            roles=roles_of(self.oidc_roles),
            default_role=self.oidc_default_role,
            links_by_address=self.oidc_link_by_address,
            public_url=self.public_url,
        )


def roles_of(written: str) -> dict[str, Role]:
    """Return the roles of groups, written as `group=role,group=role`. Raises ValueError."""
    pairs = [one.rpartition("=") for one in written.split(",") if one.strip()]
    for group, _, role in pairs:
        if not group.strip() or role.strip() not in ROLES:
            raise ValueError(f"must be group=role, separated by commas, with one of {', '.join(ROLES)} for each group")
    return {group.strip(): Role(role.strip()) for group, _, role in pairs}
