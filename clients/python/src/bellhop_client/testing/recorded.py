"""Recorded jobs: in place of a server, what was submitted is kept in a list, and answered as a server answers it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, overload
from uuid import UUID, uuid4

from bellhop_client.errors import BellhopError, Refused
from bellhop_client.exchange import Act, Answer, Call, Pause, Request
from bellhop_client.writing import encoded, path_of

JOBS, BATCH = path_of("jobs"), path_of("jobs", "batch")
READERS: Mapping[str, Callable[[str], Any]] = {
    "jsonb": json.loads,
    "integer": int,
    "float8": float,
    "interval": lambda text: float(text.removesuffix(" seconds")),
    "text[]": lambda text: [re.sub(r"\\(.)", r"\1", one) for one in re.findall(r'"((?:[^"\\]|\\.)*)"', text)],
}
"""What turns an argument of a call back into what it was, by its type in Postgres; all others are texts."""
Run = Callable[["RecordedJob"], Mapping[str, Any]]
"""Runs a job at once, and returns what that changes of it, as the API writes it."""


class NotRecorded(BellhopError):
    """The fixture `bellhop_jobs` knows of submissions alone; `bellhop_stack` is a whole Bellhop."""


@dataclass(frozen=True, kw_only=True)
class RecordedJob:
    """A job that was submitted."""

    task: str
    args: dict[str, Any]
    """As JSON has them."""
    key: str | None = None
    """The idempotency key; over HTTP the client makes one where the application gives none."""
    wanted: dict[str, Any] = field(default_factory=dict)
    """What else the submission says, by the names of the API: `queue`, `delay`, `tags` and so on."""
    id: UUID = field(default_factory=uuid4)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def has(self, args: Mapping[str, Any]) -> bool:
        """Whether these are among its arguments."""
        return all(name in self.args and self.args[name] == value for name, value in args.items())

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.args.items())
        return f"{self.task}({said})"


def read(task: str, args: Mapping[str, Any] | None = None, *, key: str | None = None, **wanted: Any) -> RecordedJob:
    """Read a submission."""
    return RecordedJob(task=task, args=dict(args or {}), key=key, wanted=wanted)


def view(job: RecordedJob) -> dict[str, Any]:
    """Return a job that waits, as the API shows it."""
    at = job.at.isoformat()
    said = {"queue": "default", "priority": 5, "tags": [], "run_at": at} | job.wanted
    rest = {"attempt": 0, "max_attempts": 1, "retrying": False, "expired": False, "past_attempts": []}
    return said | rest | {
        "id": str(job.id), "task": job.task, "args": job.args, "state": "queued", "created_at": at, "queued_at": at,
    }  # fmt: skip


class RecordedJobs(Sequence[RecordedJob]):
    """What was submitted while this stood in place of the server, in its order."""

    def __init__(self, run: Run | None = None):
        self._run = run
        self._jobs: list[RecordedJob] = []
        self._views: dict[str, dict[str, Any]] = {}

    @overload
    def __getitem__(self, index: int) -> RecordedJob: ...
    @overload
    def __getitem__(self, index: slice) -> list[RecordedJob]: ...

    def __getitem__(self, index: int | slice) -> RecordedJob | list[RecordedJob]:
        return self._jobs[index]

    def __len__(self) -> int:
        return len(self._jobs)

    def __repr__(self) -> str:
        return f"[{', '.join(map(str, self._jobs))}]"

    def of(self, task: str) -> list[RecordedJob]:
        """Return the jobs of a task."""
        return [job for job in self._jobs if job.task == task]

    def submitted(self, task: str, /, **args: Any) -> RecordedJob:
        """Return the first job of a task that has these arguments. Raises AssertionError, which lists what there is."""
        given = json.loads(encoded(args))
        for job in self.of(task):
            if job.has(given):
                return job
        there = "".join(f"\n  {job}" for job in self._jobs) or " nothing"
        raise AssertionError(f"{read(task, given)} was not submitted, but:{there}")

    def do(self, act: Act) -> Any:
        """Answer what a flow asks for. Raises NotRecorded."""
        match act:
            case Pause():
                return None
            case Call():
                return [str(job.id) for job in map(self._add, _called(act))]
            case Request(method="POST", path=path) if path in {JOBS, BATCH}:
                return self._answer_submission(act)
            case Request(method="GET", path=path) if (found := self._views.get(path)) is not None:
                return _answer(200, found)
        raise NotRecorded(f"{act}: {NotRecorded.__doc__}")

    def _answer_submission(self, request: Request) -> Answer:
        body = json.loads(request.body or b"{}")
        if request.path == BATCH:
            return _answer(202, {"jobs": [self._views[_path(self._add(read(**one)))] for one in body["jobs"]]})
        return _answer(202, self._views[_path(self._add(read(**body, key=request.key)))])

    def _add(self, job: RecordedJob) -> RecordedJob:
        """Record a job, unless one with its key is here already, and run it where jobs are run at once."""
        known = next((one for one in self._jobs if job.key is not None and one.key == job.key), None)
        if known:
            return known
        self._jobs.append(job)
        self._views[_path(job)] = view(job)
        if self._run:
            try:
                self._views[_path(job)] |= self._run(job)
            except Refused:
                self._jobs.remove(job)
                raise
        return job


def _path(job: RecordedJob) -> str:
    return path_of("jobs", job.id)


def _answer(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(status, {}, encoded(body))


def _called(call: Call) -> Iterator[RecordedJob]:
    """Read the jobs of a call of a function in Postgres."""
    values = {name: READERS.get(kind, str)(text) for name, kind, text in call.arguments}
    if call.function == "submit_many":
        yield from (read(**one) for one in values["jobs"])
    else:
        yield read(**values)
