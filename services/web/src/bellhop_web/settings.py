"""What the web service alone must know."""

import re
from enum import StrEnum

from pydantic import Field, SecretStr, field_validator

from bellhop_ledger.accounts.grants import Grant
from bellhop_ledger.accounts.patterns import EVERY
from bellhop_ledger.platform.server_address import check_host, check_web_address
from bellhop_web.http.rates import Rate
from bellhop_web.oidc_settings import OidcSettings

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")
"""As browsers write it."""
LARGEST_PORT = 65_535
NOTHING = "none"


class SignUp(StrEnum):
    """Who may make an account."""

    OPEN = "open"
    """Everybody who can reach us, and who is invited."""
    INVITE = "invite"
    """Who is invited by an admin."""
    OFF = "off"
    """Nobody."""


class WebSettings(OidcSettings):
    """Where to listen, with how many processes and threads, and the key that signs what clients carry for us."""

    web_bind: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    """The port that a hosting platform assigns; WEB_BIND wins."""
    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=64, ge=2, le=1000)
    web_connections: int = Field(default=10_000, ge=20, le=100_000)
    """How many connections one process holds, besides those that have a thread."""
    web_live_streams: int = Field(default=500, ge=0, le=100_000)
    """How many open pages of one process receive live changes; each takes a file descriptor."""
    web_live_streams_each: int = Field(default=50, ge=1, le=100_000)
    """How many of them may belong to one user, system's token or address."""
    rate_limit_operator: Rate = "off"
    rate_limit_token: Rate = "600/minute"  # noqa: S105
    rate_limit_address: Rate = "1200/minute"
    rate_limit_sign_up: Rate = "100/hour"
    rate_limit_costly: Rate = "120/minute"
    sign_up: SignUp | None = None
    """Who may make an account; not set: nobody in production, anybody elsewhere."""
    rate_limit_target: Rate = "600/minute"
    """How often people together may have one host fetched."""
    user_unfinished_jobs: int = Field(default=200, ge=1, le=100_000)
    """How many jobs of one plain user may wait and run at a time."""
    member_tasks: str = ""
    """Patterns of the tasks that members may submit, separated by commas; empty: all where strangers cannot sign up."""
    secret_key: SecretStr
    allowed_hosts: str = ""
    cors_origins: str = ""
    """The origins of other sites whose scripts may use the API with a token, separated by commas."""
    flower_url: str = ""
    """Where operators find Flower; empty: it is not linked to."""

    trusted_proxies: int = Field(default=0, ge=0, le=10)
    """How many proxies stand before us and name their client in X-Forwarded-For."""

    @field_validator("web_bind")
    @classmethod
    def can_be_listened_at(cls, place: str) -> str:
        """Refuse what gunicorn could not listen at."""
        if not place or place.startswith(("unix:", "fd://")):
            return place
        host, colon, port = place.rpartition(":")
        if not colon or not port.isdecimal() or int(port) > LARGEST_PORT:
            raise ValueError("must be host:port, such as 0.0.0.0:8000, or unix:/path")
        if host:
            check_host(host.removeprefix("[").removesuffix("]"))
        return place

    @field_validator("flower_url")
    @classmethod
    def leads_somewhere(cls, url: str) -> str:
        """Refuse what is neither a path of our own site nor an address of another."""
        is_path = url.startswith("/") and url.isprintable() and " " not in url
        return url if is_path or not url else check_web_address(url)

    @field_validator("cors_origins")
    @classmethod
    def name_origins(cls, written: str) -> str:
        """Take exact origins only."""
        for origin in _split(written):
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin: https://, a name in small letters, and a port if any")
        return written

    @property
    def origins(self) -> frozenset[str]:
        """The origins of CORS_ORIGINS."""
        return frozenset(_split(self.cors_origins))

    @property
    def sign_up_or_usual(self) -> SignUp:
        """Who may make an account here."""
        return self.sign_up or (SignUp.OFF if self.production else SignUp.OPEN)

    @property
    def members(self) -> Grant:
        """What members may submit. Where strangers may make an account, that is nothing unless it is said."""
        usual = NOTHING if self.sign_up_or_usual is SignUp.OPEN else EVERY
        return Grant(tasks=tuple(one for one in _split(self.member_tasks or usual) if one != NOTHING))

    @property
    def bind(self) -> str:
        """Where to listen: as WEB_BIND says, at PORT on every address, or on this machine alone."""
        return self.web_bind or (f"0.0.0.0:{self.port}" if self.port else "127.0.0.1:8000")

    @property
    def hosts(self) -> list[str] | None:
        """The names under which we may be called; none: any."""
        return _split(self.allowed_hosts) or None

    @property
    def most_waiters(self) -> int:
        """How many requests of one process may wait for a job's end at once; the rest are answered at once."""
        return self.web_threads // 2


def _split(written: str) -> list[str]:
    return [one.strip() for one in written.split(",") if one.strip()]
