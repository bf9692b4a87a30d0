"""Unserved: lists in Redis that hold messages of tasks, and which no worker reads."""

from collections import Counter
from collections.abc import Collection

import redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.broker.envelopes import is_task
from bellhop_ledger.broker.transport import DOOR
from bellhop_ledger.ledger.heartbeats import LATE
from bellhop_ledger.tasks.known import known_tasks

PRIORITY_SEPARATOR = b"\x06\x16"
"""Between the name of a queue and its priority in the key of a list; kombu's Redis transport."""
KEYS_AT_ONCE = 1_000
ROUNDS = 50
"""So many keys, times the above, are looked at in one go; the rest of a large Redis has its turn the next time."""

SERVED = text("""
    SELECT DISTINCT trim(queue) FROM heartbeats, regexp_split_to_table(queues, ',') AS queue
    WHERE service = 'worker' AND seen_at > now() - make_interval(secs => :late)
""")


def served(db: Session) -> set[str]:
    """Return the queues that a living worker serves, and those that are ours: alerts watch over these already."""
    ours = {DOOR, *QUEUES, *(task.queue for task in known_tasks().values())}
    return ours | set(db.execute(SERVED, {"late": LATE}).scalars())


class Unserved:
    """Looks for such lists, some of the keys at a time."""

    def __init__(self) -> None:
        self._cursor = 0
        self._found: Counter[str] = Counter()
        self.messages = 0
        """How many lay there when all keys had been looked at."""

    def look(self, client: redis.Redis, known: Collection[str]) -> dict[str, int]:
        """Look at the next keys; when these were the last ones, return the queues with the number of their messages."""
        for _ in range(ROUNDS):
            self._cursor, keys = client.scan(self._cursor, count=KEYS_AT_ONCE, _type="list")
            for key in map(bytes, keys):  # type: ignore[arg-type]
                name = key.partition(PRIORITY_SEPARATOR)[0].decode(errors="replace")
                if name not in known:
                    self._count(client, key, name)
            if not self._cursor:
                found, self._found = dict(self._found), Counter()
                self.messages = sum(found.values())
                return found
        return {}

    def _count(self, client: redis.Redis, key: bytes, name: str) -> None:
        item = client.lindex(key, -1)
        if isinstance(item, bytes) and is_task(item):
            self._found[name] += client.llen(key)
