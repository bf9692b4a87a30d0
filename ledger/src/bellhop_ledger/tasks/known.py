"""The tasks that this process knows: a copy of what is published, kept fresh without a thought for those who ask.

A look costs one small statement. There is one every few seconds while somebody asks, one at once after this process
has published, and one when a task is asked for that is not known. Nobody is refused by what was known earlier than they
asked: whoever would refuse looks again first.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bellhop.manifest import Manifest
from bellhop_ledger.platform.liveness import LATE
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.policies import remember
from bellhop_ledger.platform.statements import autocommit, run
from bellhop_ledger.tasks import run_times
from bellhop_ledger.tasks.ordering import in_order
from bellhop_ledger.tasks.publish import ALIVE
from bellhop_ledger.tasks.task import Task

log = get_logger(__name__)

PERIOD, AT_A_MISS = 3.0, 0.5
"""Seconds between two looks, and between two that are made because somebody asked in vain."""

COUNTS = """
    (r.deployed_at = (SELECT max(deployed_at) FROM task_releases)
     OR r.seen_at > now() - make_interval(secs => :alive))
"""
"""Whether what a release `r` has published counts."""
SERVED = """
    SELECT DISTINCT trim(queue) FROM heartbeats, regexp_split_to_table(queues, ',') AS queue
    WHERE service = 'worker' AND heartbeats.seen_at > now() - make_interval(secs => :late) AND draining_since IS NULL
"""
"""The queues from which a living worker takes jobs."""
LOOK = text(f"""
    SELECT string_agg(concat_ws(' ', r.name, r.digest, r.deployed_at), ',' ORDER BY r.name) AS mark,
           coalesce(jsonb_object_agg(r.name, r.seen_at) FILTER (WHERE r.name IS NOT NULL), '{{}}') AS releases,
           ARRAY({SERVED}) AS served,
           {run_times.ALL} AS run_times
    FROM task_releases r WHERE {COUNTS}
""")
READ = text(f"""
    SELECT t.name, t.plugin, t.description, t.queue, t.policy, t.arguments, t.result, t.secrets, t.schedules, t.release
    FROM tasks t JOIN task_releases r ON r.name = t.release
    WHERE {COUNTS} ORDER BY t.name
""")


@dataclass(frozen=True)
class Snapshot:
    """What was published at one moment."""

    mark: str | None = None
    """What changes when anything else does; nothing before the first release."""
    tasks: Mapping[str, Task] = field(default_factory=lambda: MappingProxyType({}))
    served: frozenset[str] = frozenset()
    """The queues that a living worker serves."""
    releases: Mapping[str, datetime] = field(default_factory=dict)
    """When a worker of each release was last seen."""

    @property
    def queues(self) -> frozenset[str]:
        """The queues that are served, and those in which jobs of the tasks wait."""
        return self.served | {task.queue for task in self.tasks.values()}


class KnownTasks(Mapping[str, Task]):
    """All tasks, by name. Raises an error of the database only where none was ever read."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._looked_at = -PERIOD  # when the last look began
        self._lock = Lock()

    def current(self) -> Snapshot:
        """Return what is published, as it was a few seconds ago at the most."""
        if self._snapshot is None or time.monotonic() - self._looked_at >= PERIOD:
            self.look()
        assert self._snapshot is not None
        return self._snapshot

    def in_order(self, task: str, args: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments of a job as the task's signature has them; what it does not have stands behind."""
        known = self.current().tasks.get(task)
        names = known.arguments.names if known else ()
        return {name: args[name] for name in names if name in args} | args

    @property
    def quiet(self) -> list[str]:
        """The names of the quiet tasks, which lists and counts leave out unless they are asked for."""
        return [name for name, task in self.current().tasks.items() if task.quiet]

    def look(self) -> None:
        """Look whether something has changed. While another thread does, the last copy is good enough."""
        if not self._lock.acquire(blocking=self._snapshot is None):
            return
        try:
            self._look()
        finally:
            self._lock.release()

    def look_again(self) -> bool:
        """Look at what is published at this moment, and return whether that is not what was known.

        Threads that ask while another one looks share the next look.
        """
        asked_at, known = time.monotonic(), self.current().tasks
        with self._lock:
            if self._looked_at < asked_at:
                self._read()
        return self.current().tasks is not known

    def _look(self) -> None:
        if self._snapshot is None or time.monotonic() - self._looked_at >= AT_A_MISS:
            self._read()

    def _read(self) -> None:
        began_at = time.monotonic()
        try:
            self._learn(_read(self._snapshot or Snapshot(mark="unread")))
        except SQLAlchemyError as error:
            if self._snapshot is None:
                raise
            log.warning("tasks_not_read", error=repr(error)[:300])
        self._looked_at = began_at

    def _learn(self, snapshot: Snapshot) -> None:
        if self._snapshot is None or snapshot.mark != self._snapshot.mark:
            remember(task.manifest for task in snapshot.tasks.values())
        self._snapshot = snapshot

    def expire(self) -> None:
        """Make the next one who asks look: something may have been published."""
        self._looked_at = -PERIOD

    def __getitem__(self, name: str) -> Task:
        tasks = self.current().tasks
        if name not in tasks:
            self.look()
            tasks = self.current().tasks
        return tasks[name]

    def __contains__(self, name: object) -> bool:
        return name in self.current().tasks

    def __iter__(self) -> Any:
        return iter(self.current().tasks)

    def __len__(self) -> int:
        return len(self.current().tasks)


def _read(before: Snapshot) -> Snapshot:
    with autocommit() as db:
        [found] = run(db, LOOK, alive=ALIVE, late=LATE)
        run_times.learn(found.run_times)
        tasks = before.tasks
        if found.mark != before.mark:
            tasks = MappingProxyType({row.name: task for row in run(db, READ, alive=ALIVE) if (task := _task_of(row))})
    seen = {release: datetime.fromisoformat(at) for release, at in found.releases.items()}
    return Snapshot(found.mark, tasks, frozenset(found.served), seen)


def _task_of(row: Any) -> Task | None:
    facts: dict[str, Any] = row._asdict()
    release: str = facts.pop("release")
    facts |= {name: in_order(facts[name]) for name in ("arguments", "result")}
    try:
        return Task.of(Manifest.model_validate(facts), release)
    except ValueError as error:  # a worker compiles what it publishes, but with its own release of the validator
        log.error("manifest_unreadable", task=row.name, release=release, error=str(error)[:300])
        return None


@lru_cache(maxsize=1)
def known_tasks() -> KnownTasks:
    """Return the tasks that this process knows."""
    return KnownTasks()


os.register_at_fork(after_in_child=known_tasks.cache_clear)
