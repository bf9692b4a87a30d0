"""Throttles: how often a password may be tried. Counted in Redis; while it is away, nothing is held back."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bellhop_ledger.accounts.passwords import TooManyAtOnce
from bellhop_ledger.broker.pubsub import client
from bellhop_web.accounts.browsers import known_browser
from bellhop_web.http.addresses import client_address
from bellhop_web.ratelimits.breaker import breaker
from bellhop_web.ratelimits.refusals import TooOften


@dataclass(frozen=True)
class Throttle:
    """So many in so many seconds. Other than a rate limit's, one can be given back."""

    name: str
    most: int
    seconds: int

    def key(self, subject: str) -> str:
        """Return the key of one subject's count, of one length whoever it is."""
        return f"bellhop:throttle:{self.name}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"

    def spent(self, subject: str) -> int:
        """Count one more; give the seconds to wait when it is one too many, otherwise 0."""
        count, left = breaker.ask(lambda: self._add(subject, 1)) or (0, 0)
        return max(left, 1) if count > self.most else 0

    def give_back(self, subject: str) -> None:
        """Take one back that shall not count."""
        breaker.ask(lambda: self._add(subject, -1))

    def _add(self, subject: str, number: int) -> tuple[int, int]:
        """Add to the count; give it and the seconds until it ends."""
        with client().pipeline() as pipe:
            pipe.incrby(self.key(subject), number)
            pipe.expire(self.key(subject), self.seconds, nx=True)
            pipe.ttl(self.key(subject))
            count, _, left = pipe.execute()
        return int(count), int(left)


FROM_NETWORK = Throttle("sign-in-network", 10, 900)
"""Wrong passwords for one account from one address."""
FOR_ACCOUNT = Throttle("sign-in-account", 100, 900)
"""The same from all addresses together; its owner's browsers do not count among them."""
FROM_ADDRESS = Throttle("sign-in-address", 50, 900)
"""Wrong passwords from one address, for whichever accounts."""
IN_BROWSER = Throttle("sign-in-browser", 10, 900)
"""Wrong passwords in a browser that is known for the account."""
MAILS = Throttle("mails", 5, 3600)
"""Mails of one kind that one sender can have sent to one address."""
MAILS_OF_ALL = Throttle("mails-of-all", 20, 3600)
"""The same of all senders together; from then on each of them can have sent one."""
ONE_MAIL = Throttle(MAILS.name, 1, MAILS.seconds)


@contextmanager
def failures_counted(account: str) -> Iterator[None]:
    """Let somebody try to prove who they are. Raises TooOften; what goes well does not count."""
    counted = counts_of(account)
    for throttle, subject in counted:
        if left := throttle.spent(subject):
            raise TooOften(left)
    try:
        yield
    except TooManyAtOnce:  # nobody has looked at the password
        give_back(counted)
        raise
    give_back(counted)


def give_back(counted: list[tuple[Throttle, str]]) -> None:
    """Let an attempt count for nothing."""
    for throttle, subject in counted:
        throttle.give_back(subject)


def count_mail(kind: str, to: str) -> None:
    """Count a mail that somebody who is not signed in asks for. Raises TooOften when it is one too many.

    Each sender has a budget of their own for each kind: nobody uses up somebody else's, whatever they ask for and from
    however many addresses. It is counted whether there is an account or not, so a refusal reveals nothing either.
    """
    crowded = MAILS_OF_ALL.spent(f"{kind} {to}")
    budget = ONE_MAIL if crowded else MAILS
    if left := budget.spent(f"{kind} {to} {known_browser(to) or client_address()}"):
        raise TooOften(left)


def counts_of(account: str) -> list[tuple[Throttle, str]]:
    """Return what a wrong password counts for: in a known browser for that one alone, so strangers lock nobody out."""
    if browser := known_browser(account):
        return [(IN_BROWSER, browser)]
    address = client_address()
    return [(FROM_NETWORK, f"{account} {address}"), (FOR_ACCOUNT, account), (FROM_ADDRESS, address)]
