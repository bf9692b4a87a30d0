"""Views: how a worker reads from outside, by its last heartbeat and by what the ledger says of its jobs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.draining import is_silent
from bellhop_ledger.ledger.heartbeats import Heartbeat, Service
from bellhop_ledger.ledger.service_events import ServiceEventKind
from bellhop_web.http.times import StoredUtc, Utc


class WorkerState(StrEnum):
    """How a worker is."""

    ALIVE = "alive"
    DRAINING = "draining"
    DRAINED = "drained"
    SILENT = "silent"


class RunningView(BaseModel):
    """A job that a worker runs."""

    id: UUID
    task: str
    queue: str
    since: Utc | None = Field(description="Since when its body runs")


class ProcessView(BaseModel):
    """A process of a worker's pool, which runs one job after another."""

    pid: int
    memory_mib: float | None = Field(description="Resident memory; null where the machine does not say")
    claimed: int = Field(description="How many jobs it has claimed with one message, the one that runs among them")
    job: RunningView | None = Field(description="What it runs; null: it waits for a job, or is between two")


class AsyncPoolView(BaseModel):
    """The process in which a worker runs async bodies side by side."""

    pid: int
    memory_mib: float | None = Field(description="Resident memory; null where the machine does not say")
    slots: int = Field(description="How many jobs it runs at most")
    running: int = Field(description="How many it ran when the worker was last heard of")
    jobs: list[RunningView] = Field(description="Those of them that go on, at most 200")


class DrainView(BaseModel):
    """Why a worker takes no new jobs."""

    since: StoredUtc
    reason: str
    by: str = Field(description="Who drains it: `user:<id>` or `token:<id>`")
    known: bool = Field(description="Whether the worker has learnt of it, which takes some seconds at most")


class WorkerView(BaseModel):
    """A worker: a main process and its pool."""

    name: str = Field(description="`worker@<host>:<process id>`; a new start has another one, or begins anew")
    host: str
    state: WorkerState = Field(
        description="`alive`; `draining`: it takes no new jobs, and some still run; `drained`: nothing runs any more; "
        "`silent`: it has not been heard of for more than 20 s"
    )
    release: str | None = Field(description="Which release it runs")
    started_at: StoredUtc
    seen_at: StoredUtc = Field(description="When it was last heard of; what it runs is as of then")
    queues: list[str] = Field(description="The queues that it serves")
    running: int = Field(description="How many jobs it runs at this moment, by its last heartbeat")
    memory_mib: float | None = Field(description="Resident memory of its main process")
    memory_of_all_mib: float | None = Field(
        description="That of all its processes; pages that they share count several times"
    )
    processes: list[ProcessView]
    async_pool: AsyncPoolView | None = Field(description="null where it has no async bodies")
    draining: DrainView | None


class SchedulerView(BaseModel):
    """A scheduler that leads, or has led lately."""

    name: str
    started_at: StoredUtc
    seen_at: StoredUtc
    silent: bool = Field(description="Whether it has not been heard of for more than 20 s")


class ServiceEventView(BaseModel):
    """A moment in the life of a worker or scheduler."""

    at: StoredUtc
    kind: ServiceEventKind = Field(description="`started`, `stopped`, `silent` (since it was last heard of) or `back`")
    service: Service
    name: str
    release: str | None


class WorkersView(BaseModel):
    """All workers and schedulers, those that are silent last; silent ones are forgotten after an hour."""

    workers: list[WorkerView]
    schedulers: list[SchedulerView]
    events: list[ServiceEventView] = Field(description="The latest of the last seven days, newest first")


RUNNING = text("""
    SELECT id, task, queue, state, lease, started_at FROM unfinished_jobs
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state IN ('queued', 'running')
""")
CLAIMED = text("""
    SELECT lease, count(*) AS jobs FROM unfinished_jobs
    WHERE state = 'running' AND lease = ANY(CAST(:leases AS uuid[])) GROUP BY lease
""")
Facts = dict[str, Any]


def heartbeats_of(db: Session, service: Service) -> Sequence[Heartbeat]:
    """Return the heartbeats of a kind of service by name, silent ones last."""
    found = db.scalars(select(Heartbeat).where(Heartbeat.service == service).order_by(Heartbeat.name)).all()
    return sorted(found, key=is_silent)


def views_of(db: Session, workers: Sequence[Heartbeat]) -> list[WorkerView]:
    """Return how workers read, with what the ledger says of their jobs."""
    ids = [job for one in workers for job in _jobs_of(one)]
    leases = [process["lease"] for one in workers for process in _processes_of(one) if process["lease"]]
    jobs = {str(row.id): row for row in db.execute(RUNNING, {"ids": ids})} if ids else {}
    claimed = {str(row.lease): row.jobs for row in db.execute(CLAIMED, {"leases": leases})} if leases else {}
    return [_view(one, jobs, claimed) for one in workers]


def view_of_scheduler(heartbeat: Heartbeat) -> SchedulerView:
    """Return how a scheduler reads."""
    return SchedulerView(
        name=heartbeat.name,
        started_at=heartbeat.started_at,
        seen_at=heartbeat.seen_at,
        silent=is_silent(heartbeat),
    )


def _processes_of(worker: Heartbeat) -> list[Facts]:
    return list((worker.pool or {}).get("processes", []))


def _async_of(worker: Heartbeat) -> Facts | None:
    found: Facts | None = (worker.pool or {}).get("async")
    return found


def _jobs_of(worker: Heartbeat) -> Iterator[str]:
    yield from (process["job"] for process in _processes_of(worker) if process["job"])
    yield from (_async_of(worker) or {}).get("jobs", [])


def _view(worker: Heartbeat, jobs: dict[str, Row[Any]], claimed: dict[str, int]) -> WorkerView:
    processes = [_process(one, jobs, claimed) for one in _processes_of(worker)]
    facts = _async_of(worker)
    pool = facts and _async(facts, jobs)
    running = (worker.busy or 0) + (pool.running if pool else 0)
    memory = [worker.memory, *(one.memory_mib for one in processes), pool.memory_mib if pool else None]
    return WorkerView(
        name=worker.name,
        host=worker.name.partition("@")[2].rpartition(":")[0],
        state=_state(worker, running),
        release=worker.release,
        started_at=worker.started_at,
        seen_at=worker.seen_at,
        queues=[name.strip() for name in (worker.queues or "").split(",") if name.strip()],
        running=running,
        memory_mib=worker.memory,
        memory_of_all_mib=_sum(memory),
        processes=processes,
        async_pool=pool,
        draining=_draining(worker),
    )


def _state(worker: Heartbeat, running: int) -> WorkerState:
    if is_silent(worker):
        return WorkerState.SILENT
    if worker.draining_since is None:
        return WorkerState.ALIVE
    return WorkerState.DRAINED if _knows(worker) and not running else WorkerState.DRAINING


def _knows(worker: Heartbeat) -> bool:
    """Whether the worker took no new jobs any more when it was last heard of."""
    return bool((worker.pool or {}).get("draining"))


def _draining(worker: Heartbeat) -> DrainView | None:
    if worker.draining_since is None:
        return None
    reason, by = worker.draining_reason or "", worker.draining_by or ""
    return DrainView(since=worker.draining_since, reason=reason, by=by, known=_knows(worker))


def _process(facts: Facts, jobs: dict[str, Row[Any]], claimed: dict[str, int]) -> ProcessView:
    row = jobs.get(facts["job"] or "")
    ours = row is not None and (str(row.lease) == facts["lease"] or (row.lease is None and facts["lease"] is None))
    began = datetime.fromisoformat(facts["since"]) if facts["since"] else None
    return ProcessView(
        pid=facts["pid"],
        memory_mib=facts["memory"],
        claimed=claimed.get(facts["lease"] or "", 0),
        job=_running(row, began) if row is not None and ours else None,
    )


def _async(facts: Facts, jobs: dict[str, Row[Any]]) -> AsyncPoolView:
    found = [jobs[id] for id in facts["jobs"] if id in jobs and jobs[id].state == "running"]
    return AsyncPoolView(
        pid=facts["pid"],
        memory_mib=facts["memory"],
        slots=facts["slots"],
        running=facts["running"],
        jobs=[_running(row, row.started_at) for row in sorted(found, key=lambda row: row.started_at)],
    )


def _running(row: Row[Any], since: datetime | None) -> RunningView:
    return RunningView(id=row.id, task=row.task, queue=row.queue, since=since)


def _sum(parts: Iterable[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 1) if known else None
