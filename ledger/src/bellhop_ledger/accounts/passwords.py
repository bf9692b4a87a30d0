"""Passwords: hashed with argon2id, at what OWASP asks for at least (19 MiB, two passes).

Only web and the migration hash any; argon2 is installed with web, whose image runs both.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bellhop.errors import Refused

SHORTEST, LONGEST = 10, 200
"""Characters that a password has."""
AT_ONCE = 4
"""How many are hashed at once in one process: each needs its 19 MiB and a CPU."""
MOST_WAITING = 12
"""How many more may wait for that, each in a thread of the server; they wait for some tenths of a second."""

OF_NOBODY = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
"""A hash that no password has, and that takes as long to check as any other."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = BoundedSemaphore(AT_ONCE)
_line = BoundedSemaphore(AT_ONCE + MOST_WAITING)


class TooManyAtOnce(Refused):
    """Too many passwords are being checked at this moment; try again."""

    status = 503
    retry_after = 1


def hash_password(password: str) -> str:
    """Return the hash under which a password is stored. Takes about 30 ms, in which other threads run on.

    Raises TooManyAtOnce.
    """
    with _turn():
        return _hasher.hash(_same(password))


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password. Without a hash it is not, which takes as long to find out. Raises TooManyAtOnce."""
    with _turn():
        try:
            return _hasher.verify(hashed or OF_NOBODY, _same(password)) and hashed is not None
        except VerificationError:
            return False


@contextmanager
def _turn() -> Iterator[None]:
    if not _line.acquire(blocking=False):
        raise TooManyAtOnce
    try:
        with _room:
            yield
    finally:
        _line.release()


def same_text(one: str, other: str) -> bool:
    """Whether two passwords are the same, however their letters are written."""
    return _same(one) == _same(other)


def _same(password: str) -> str:
    """Keyboards write one letter in several ways; NFKC makes them one."""
    return unicodedata.normalize("NFKC", password)
