"""Throttles: how often something may be tried. Counted in Redis; while it is away, nothing is held back."""

import hashlib
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from flask import current_app, request

from bellhop.errors import Refused
from bellhop.log import get_logger
from bellhop.wakeups import client

log = get_logger(__name__)


class TooOften(Refused):
    """That was tried too often; wait a while."""

    status = 429

    def __init__(self, seconds: int):
        super().__init__(f"That was tried too often; try again in {-(-seconds // 60)} minutes")
        self.retry_after = seconds


@dataclass(frozen=True)
class Throttle:
    """So many in so many seconds."""

    name: str
    most: int
    seconds: int

    def key(self, subject: str) -> str:
        """Name the count of one subject, without telling who it is."""
        return f"bellhop:throttle:{self.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"

    def spent(self, subject: str) -> int:
        """Count one more; give the seconds to wait when it is one too many, otherwise 0."""
        try:
            with client().pipeline() as pipe:
                pipe.incr(self.key(subject))
                pipe.expire(self.key(subject), self.seconds, nx=True)
                pipe.ttl(self.key(subject))
                count, _, left = pipe.execute()
        except redis.RedisError as error:
            log.warning("throttle_away", error=repr(error))
            return 0
        return max(int(left), 1) if count > self.most else 0

    def give_back(self, subject: str) -> None:
        """Take one back that shall not count."""
        try:
            client().decr(self.key(subject))
        except redis.RedisError as error:
            log.warning("throttle_away", error=repr(error))


PER_ACCOUNT = Throttle("sign-in-account", 10, 900)
PER_ADDRESS = Throttle("sign-in-address", 50, 900)
SIGN_UPS = Throttle("sign-up-address", 100, 3600)
MAILS = Throttle("mails", 10, 3600)
"""Mails that strangers can have sent to one address."""


@contextmanager
def failures_counted(account: str) -> Iterator[None]:
    """Let somebody try to prove who they are. Raises TooOften; what goes well does not count."""
    counted = ((PER_ACCOUNT, account), (PER_ADDRESS, client_address()))
    for throttle, subject in counted:
        if left := throttle.spent(subject):
            raise TooOften(left)
    yield
    for throttle, subject in counted:
        throttle.give_back(subject)


def refuse_too_many_sign_ups() -> None:
    """Raises TooOften when one address makes very many accounts."""
    if left := SIGN_UPS.spent(client_address()):
        raise TooOften(left)


def client_address() -> str:
    """Give the network address of who asks, as the proxies that we trust saw it; of IPv6 the network's part."""
    proxies = int(current_app.config["TRUSTED_PROXIES"])
    seen = [one.strip() for one in ",".join(request.headers.getlist("X-Forwarded-For")).split(",") if one.strip()]
    given = seen[-proxies] if 0 < proxies <= len(seen) else request.remote_addr or ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else given
