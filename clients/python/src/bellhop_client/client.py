"""The clients: the same operations as methods that return when they are done, and as methods that are awaited."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from bellhop_client import bulk_actions, doctor, job_logs, jobs, people, queues, schedules, tasks, tokens, workers
from bellhop_client.link import Link, Token
from bellhop_client.operations import AsyncMethods, Iteration, Operation, SyncMethods
from bellhop_client.retries import Retries
from bellhop_client.transactions import AsyncTransaction, Transaction
from bellhop_client.views import Event, Job, LogEntry, Schedule

if TYPE_CHECKING:
    import httpx


class JobOperations:
    """What clients do with jobs."""

    submit = Operation(jobs.submit)
    submit_many = Operation(jobs.submit_many)
    job = Operation(jobs.show)
    wait = Operation(jobs.wait)
    cancel = Operation(jobs.cancel)
    retry = Operation(jobs.retry)
    list = Iteration(jobs.list_jobs, Job)
    attempts = Operation(jobs.attempts)
    events = Iteration(jobs.list_events, Event)
    logs = Operation(job_logs.logs)
    follow_logs = Iteration(job_logs.follow_logs, LogEntry)
    diagnose = Operation(doctor.diagnose)


class ScheduleOperations:
    """What clients do with schedules."""

    list = Iteration(schedules.list_schedules, Schedule)
    get = Operation(schedules.get)
    create = Operation(schedules.create)
    change = Operation(schedules.change)
    delete = Operation(schedules.delete)
    run = Operation(schedules.run)
    pause = Operation(schedules.pause)
    resume = Operation(schedules.resume)
    import_all = Operation(schedules.import_all)


class BulkOperations:
    """What clients do with all jobs that a query finds."""

    count = Operation(bulk_actions.count)
    retry = Operation(bulk_actions.retry)
    cancel = Operation(bulk_actions.cancel)
    get = Operation(bulk_actions.get)
    list = Iteration(bulk_actions.list_actions, bulk_actions.BulkAction)
    undo = Operation(bulk_actions.undo)
    wait = Operation(bulk_actions.wait)


class QueueOperations:
    """What clients do with queues."""

    list = Operation(queues.list_queues)
    pause = Operation(queues.pause)
    resume = Operation(queues.resume)


class WorkerOperations:
    """What operators do with workers."""

    list = Operation(workers.list_workers)
    get = Operation(workers.get)
    drain = Operation(workers.drain)
    resume = Operation(workers.resume)


class TokenOperations:
    """What admins do with service tokens."""

    list = Operation(tokens.list_tokens)
    create = Operation(tokens.create)
    change = Operation(tokens.change)
    rotate = Operation(tokens.rotate)
    revoke = Operation(tokens.revoke)


class PeopleOperations:
    """What admins do with accounts."""

    list = Iteration(people.list_people, people.Person)
    get = Operation(people.get)
    change_role = Operation(people.change_role)
    disable = Operation(people.disable)
    enable = Operation(people.enable)
    export = Operation(people.export)
    delete = Operation(people.delete)
    invite = Operation(people.invite)
    list_invitations = Operation(people.list_invitations)
    resend_invitation = Operation(people.resend_invitation)
    revoke_invitation = Operation(people.revoke_invitation)


class TaskOperations:
    """What clients do with tasks whose body is a service."""

    put = Operation(tasks.put)
    get = Operation(tasks.get)
    delete = Operation(tasks.delete)


class Schedules(SyncMethods, ScheduleOperations):
    """The schedules of a `Client`."""


class Bulk(SyncMethods, BulkOperations):
    """Actions of a `Client` on many jobs."""


class Queues(SyncMethods, QueueOperations):
    """The queues of a `Client`."""


class Workers(SyncMethods, WorkerOperations):
    """The workers that run the jobs of a `Client`."""


class Tokens(SyncMethods, TokenOperations):
    """The service tokens of a `Client`."""


class People(SyncMethods, PeopleOperations):
    """The people who have an account, for a `Client` of an admin."""


class Tasks(SyncMethods, TaskOperations):
    """The tasks of a `Client` whose body is a service."""


class AsyncSchedules(AsyncMethods, ScheduleOperations):
    """The schedules of an `AsyncClient`."""


class AsyncBulk(AsyncMethods, BulkOperations):
    """Actions of an `AsyncClient` on many jobs."""


class AsyncQueues(AsyncMethods, QueueOperations):
    """The queues of an `AsyncClient`."""


class AsyncWorkers(AsyncMethods, WorkerOperations):
    """The workers that run the jobs of an `AsyncClient`."""


class AsyncTokens(AsyncMethods, TokenOperations):
    """The service tokens of an `AsyncClient`."""


class AsyncPeople(AsyncMethods, PeopleOperations):
    """The people who have an account, for an `AsyncClient` of an admin."""


class AsyncTasks(AsyncMethods, TaskOperations):
    """The tasks of an `AsyncClient` whose body is a service."""


class Client(SyncMethods, JobOperations):
    """Submits jobs to Bellhop and follows them. Any number of threads may share one; close it, or use it with `with`.

    `token` may be a function, which is asked for each request: so the secret can be replaced while a client lives.
    `timeout` is how many seconds each part of a request may take: connecting, sending, and each wait for more of the
    answer. `retries` says how often a request is sent again. `http` is a client of httpx to use in place of an own
    one, for a proxy or certificates; it stays open. Raises ValueError, which names the argument.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        http: "httpx.Client | None" = None,
    ):
        self._link = Link(url, Token(token), timeout, retries or Retries())
        from bellhop_client.drivers import Driver  # httpx, which who only imports this does not need

        self._driver = Driver(self._link, http)
        super().__init__(self._driver)
        self.schedules = Schedules(self._driver)
        self.bulk = Bulk(self._driver)
        self.queues = Queues(self._driver)
        self.workers = Workers(self._driver)
        self.tokens = Tokens(self._driver)
        self.people = People(self._driver)
        self.tasks = Tasks(self._driver)

    def __repr__(self) -> str:
        return f"Client({self._link.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def on(self, connection: Any, *, schema: str = "bellhop") -> Transaction:
        """Return what submits in this connection or session, see `Transaction`; it needs no request."""
        return Transaction(connection, schema=schema)

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()


class AsyncClient(AsyncMethods, JobOperations):
    """A `Client` for asyncio: what returns there is awaited here, and what iterates there does so with `async for`.

    It belongs to the event loop in which it is first used.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        http: "httpx.AsyncClient | None" = None,
    ):
        self._link = Link(url, Token(token), timeout, retries or Retries())
        from bellhop_client.drivers import AsyncDriver

        self._driver = AsyncDriver(self._link, http)
        super().__init__(self._driver)
        self.schedules = AsyncSchedules(self._driver)
        self.bulk = AsyncBulk(self._driver)
        self.queues = AsyncQueues(self._driver)
        self.workers = AsyncWorkers(self._driver)
        self.tokens = AsyncTokens(self._driver)
        self.people = AsyncPeople(self._driver)
        self.tasks = AsyncTasks(self._driver)

    def __repr__(self) -> str:
        return f"AsyncClient({self._link.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def on(self, connection: Any, *, schema: str = "bellhop") -> AsyncTransaction:
        """Return what submits in this connection or session, see `AsyncTransaction`; it needs no request."""
        return AsyncTransaction(connection, schema=schema)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._driver.close()
