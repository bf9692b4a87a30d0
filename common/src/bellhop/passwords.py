"""Passwords: hashed with argon2id, at what OWASP asks for at least (19 MiB, two passes).

Only web and the migration hash any; argon2 is installed with web, whose image runs both.
"""

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST = 10, 200
"""Characters that a password has."""
AT_ONCE = 4
"""How many are hashed at once in one process: each needs its 19 MiB and a CPU."""

OF_NOBODY = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"
"""A hash that no password has, and that takes as long to check as any other."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Give the hash under which a password is stored. Takes about 30 ms, in which other threads run on."""
    with _room:
        return _hasher.hash(_same(password))


def is_password(password: str, hashed: str | None) -> bool:
    """Say whether it is the password. Without a hash it is not, which takes as long to find out."""
    with _room:
        try:
            return _hasher.verify(hashed or OF_NOBODY, _same(password)) and hashed is not None
        except VerificationError:
            return False


def _same(password: str) -> str:
    """Keyboards write one letter in several ways; NFKC makes them one."""
    return unicodedata.normalize("NFKC", password)
