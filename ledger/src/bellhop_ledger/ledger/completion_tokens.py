"""Completion tokens: what an endpoint is given with a call, so that it can tell later what came of it.

A token names the job and the lease of the attempt, and is signed by a key of ours. Nothing of it is stored: when the
attempt is over its lease is gone from the ledger, and the token with it.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from bellhop_ledger.platform.secrets import signatures

PREFIX = "bhc_"
NAMED, SIGNED = 32, 16
"""Bytes of the two identifiers, and of the signature that are kept."""


@dataclass(frozen=True)
class AttemptId:
    """One attempt of a job, by the lease of its claim."""

    job_id: UUID
    lease: UUID


def make_token(attempt: AttemptId) -> str:
    """Return the token of an attempt."""
    named = attempt.job_id.bytes + attempt.lease.bytes
    return PREFIX + urlsafe_b64encode(named + signatures(named)[0][:SIGNED]).decode()


def read_token(token: str) -> AttemptId | None:
    """Return the attempt that a token of ours names; nothing for any other text."""
    try:
        content = urlsafe_b64decode(token.removeprefix(PREFIX).encode("ascii"))
    except ValueError:
        return None
    named, signed = content[:NAMED], content[NAMED:]
    if len(signed) != SIGNED or not any(hmac.compare_digest(signed, one[:SIGNED]) for one in signatures(named)):
        return None
    return AttemptId(UUID(bytes=named[:16]), UUID(bytes=named[16:]))
