"""The clients: the same operations as methods that return when they are done, and as methods that are awaited."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from bellhop_client import areas, doctor, job_logs, jobs
from bellhop_client.link import Link, Token
from bellhop_client.operations import AsyncMethods, Iteration, Operation, SyncMethods
from bellhop_client.retries import Retries
from bellhop_client.transactions import AsyncTransaction, Transaction
from bellhop_client.views import Event, Job, LogEntry

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
        self.schedules = areas.Schedules(self._driver)
        self.bulk = areas.Bulk(self._driver)
        self.queues = areas.Queues(self._driver)
        self.workers = areas.Workers(self._driver)
        self.tokens = areas.Tokens(self._driver)
        self.people = areas.People(self._driver)
        self.tasks = areas.Tasks(self._driver)

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
        self.schedules = areas.AsyncSchedules(self._driver)
        self.bulk = areas.AsyncBulk(self._driver)
        self.queues = areas.AsyncQueues(self._driver)
        self.workers = areas.AsyncWorkers(self._driver)
        self.tokens = areas.AsyncTokens(self._driver)
        self.people = areas.AsyncPeople(self._driver)
        self.tasks = areas.AsyncTasks(self._driver)

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
