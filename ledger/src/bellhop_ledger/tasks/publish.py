"""Publish: a worker says what it can run. The release that was deployed last counts.

While a deployment is rolled out, workers of two releases run side by side. The manifests of the later one replace
those of the earlier one; an earlier worker that restarts meanwhile does not take that back, and what only it can run
stays known for as long as it lives. `bellhop-worker --publish` deploys a release on purpose: a rollback works at
once; without it, it works as soon as the later release has had no worker for five minutes.

HTTP endpoints are published beside them, by `endpoints.py`.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.manifest import Manifest, digest_of
from bellhop_ledger.platform.settings import CommandError
from bellhop_ledger.tasks.ordering import with_order

ALIVE = 60.0
"""Seconds after which a release without a sign of life counts as gone."""
GONE = 300.0
"""Seconds without a worker after which the release that counts leaves that to one that has some."""
SIGN_EACH = 15.0
"""Seconds between two signs of life of a release, however many workers it has."""

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('bellhop:publish tasks'))")
NOTE_RELEASE = text("""
    INSERT INTO task_releases (name, digest) VALUES (:release, :digest)
    ON CONFLICT (name) DO UPDATE
    SET digest = excluded.digest, seen_at = now(),
        deployed_at = CASE WHEN :deploy THEN clock_timestamp() ELSE task_releases.deployed_at END
""")
WRITE = text("""
    INSERT INTO tasks (name, release, plugin, description, queue, policy, arguments, result, secrets, schedules)
    SELECT name, :release, plugin, description, queue, policy, arguments, result, secrets, schedules
    FROM jsonb_to_recordset(CAST(:manifests AS jsonb)) AS new(
        name text, plugin text, description text, queue text, policy jsonb, arguments jsonb, result jsonb,
        secrets jsonb, schedules jsonb)
    ON CONFLICT (name) DO UPDATE
    SET release = excluded.release, plugin = excluded.plugin, description = excluded.description,
        queue = excluded.queue, policy = excluded.policy, arguments = excluded.arguments, result = excluded.result,
        secrets = excluded.secrets, schedules = excluded.schedules
    WHERE (SELECT deployed_at FROM task_releases WHERE name = tasks.release)
        <= (SELECT deployed_at FROM task_releases WHERE name = excluded.release)
""")
# What a release no longer has is not its any more: without a worker that has it, nobody knows it.
DROP = text("DELETE FROM tasks WHERE release = :release AND name <> ALL(CAST(:names AS text[]))")
# An endpoint has its own place among the releases, which no worker takes.
OF_ENDPOINTS = text("SELECT name FROM task_endpoints WHERE name = ANY(CAST(:names AS text[])) ORDER BY name")
IS_CURRENT = text("SELECT name = :release FROM task_releases ORDER BY deployed_at DESC LIMIT 1")
SIGN = text("""
    UPDATE task_releases SET seen_at = now()
    WHERE name = :release AND seen_at < now() - make_interval(secs => :each)
""")
TAKE_OVER = text("""
    UPDATE task_releases SET deployed_at = clock_timestamp()
    WHERE name = :release AND NOT EXISTS (
        SELECT FROM task_releases last WHERE last.deployed_at = (SELECT max(deployed_at) FROM task_releases)
        AND (last.name = :release OR greatest(last.seen_at, last.deployed_at) > now() - make_interval(secs => :gone)))
    RETURNING name
""")
FORGET = text("""
    DELETE FROM task_releases
    WHERE seen_at < now() - make_interval(secs => :after)
      AND deployed_at < (SELECT max(deployed_at) FROM task_releases)
""")


class TaskTaken(CommandError):
    """A task of this worker is an HTTP endpoint already."""


def publish(db: Session, release: str, manifests: Sequence[Manifest], *, deploy: bool = False) -> bool:
    """Store what a release can run, and return whether it is the one that counts.

    With `deploy` it becomes that, whatever was deployed before; otherwise only a release that was never published does.
    Raises TaskTaken, which names the task.
    """
    names = [manifest.name for manifest in manifests]
    db.execute(ONE_AT_A_TIME)
    if taken := db.scalar(OF_ENDPOINTS, {"names": names}):
        raise TaskTaken(f"{taken} is an HTTP endpoint here: DELETE /api/tasks/{taken}, or give the task another name")
    db.execute(NOTE_RELEASE, {"release": release, "digest": digest_of(manifests), "deploy": deploy})
    rows = json.dumps([stored_form(manifest) for manifest in manifests])
    db.execute(WRITE, {"release": release, "manifests": rows})
    db.execute(DROP, {"release": release, "names": names})
    return bool(db.scalar(IS_CURRENT, {"release": release}))


def stored_form(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as the table has it: as JSON, in which the schemas keep the order of their properties."""
    facts = manifest.model_dump(mode="json")
    return facts | {name: with_order(facts[name]) for name in ("arguments", "result")}


def give_sign(db: Session, release: str) -> bool:
    """Note that a worker of this release lives, and return whether it is to be published again.

    So it is when it takes over: the release that counted has had no worker for minutes, as after a rollback.
    """
    db.execute(SIGN, {"release": release, "each": SIGN_EACH})
    return db.scalar(TAKE_OVER, {"release": release, "gone": GONE}) is not None


def forget_gone(db: Session, *, after: float) -> None:
    """Forget the releases that were replaced and that no worker has had for so many seconds, with their tasks."""
    db.execute(FORGET, {"after": after})
