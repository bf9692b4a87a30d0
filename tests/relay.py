"""A site that stands between a client and a system, and loses answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.site import Asked, Raw, Says
from tests.stack import Stack

BATCH = "/api/jobs/batch"
CUT = Raw(b"", reset=True)
"""The connection ends without an answer."""


@dataclass
class Relay:
    """Hands requests on to a system and keeps its first answers to itself: what was asked for is done, nobody knows."""

    stack: Stack
    cuts: int = 1
    then: Callable[[], None] = lambda: None
    """What happens after the system has answered and before its first answer is dropped."""
    keys: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Says | Raw:
        self.keys.append(asked.headers.get("idempotency-key", ""))
        kept = {name: value for name, value in asked.headers.items() if name not in {"host", "content-length"}}
        try:
            with httpx.Client(base_url=self.stack.url, headers=kept, timeout=60) as http:
                answer = http.request(asked.method, asked.path, content=asked.body)
        except httpx.TransportError:
            return CUT
        if len(self.keys) <= self.cuts:
            self.then()
            return CUT
        return Says(answer.status_code, answer.content, (("Content-Type", answer.headers["Content-Type"]),))


def keys_of(asked: Asked) -> list[str]:
    """Return the keys of the jobs of a batch."""
    return [job["key"] for job in json.loads(asked.body)["jobs"]]
