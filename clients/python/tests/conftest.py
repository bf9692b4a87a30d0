"""Both clients under one face, so that a test is written once and runs with each."""

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from bellhop_client import AsyncClient, Client, Retries
from bellhop_client.command.main import run
from tests.applications import Applications
from tests.loops import LoopThread
from tests.own_connections import AWAITED, SYNC, Own
from tests.own_database import OwnDatabase
from tests.site import Site
from tests.stack import TOKEN, Stack

collect_ignore = ["django_project"]  # test_django.py runs it in a process of its own, with its settings


class Awaited:
    """Something whose methods are awaited, with methods that return when they are done."""

    def __init__(self, made: Any, loop: LoopThread):
        self._made, self._loop = made, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._made, name)
        if not callable(found):
            return Awaited(found, self._loop)
        return lambda *args, **kwargs: self._done(found(*args, **kwargs))

    def _done(self, what: Any) -> Any:
        return self._iterate(what) if inspect.isasyncgen(what) else self._loop.run(what)

    def _iterate(self, items: Any) -> Iterator[Any]:
        try:
            while True:
                yield self._loop.run(anext(items))
        except StopAsyncIteration:
            return
        finally:
            self._loop.run(items.aclose())


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    """An event loop, which ends what was left open in it."""
    made = LoopThread()
    yield made
    made.close()


@pytest.fixture
def awaited(loop: LoopThread) -> Callable[[Any], Any]:
    """Make the methods of something that is awaited return when they are done."""
    return lambda made: Awaited(made, loop)


@pytest.fixture(params=[Client, AsyncClient], ids=["sync", "async"])
def connect(request: pytest.FixtureRequest, loop: LoopThread) -> Iterator[Callable[..., Any]]:
    """Make clients of either kind, which are closed at the end: `connect(url, token, **options)`."""
    made: list[Client | AsyncClient] = []

    def open_one(url: str, token: str = TOKEN, **options: Any) -> Any:
        made.append(request.param(url, token, **options))
        return made[-1] if isinstance(made[-1], Client) else Awaited(made[-1], loop)

    yield open_one
    for client in made:
        if isinstance(client, Client):
            client.close()
        else:
            loop.run(client.aclose())


@pytest.fixture
def client(connect: Callable[..., Any], stack: Stack) -> Any:
    """A client of either kind with an operator's token."""
    return connect(stack.url)


@pytest.fixture(scope="session")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applications]:
    """A system with the tasks of docs/frameworks.md, and what its applications need to know."""
    made = Applications(tmp_path_factory.mktemp("applications"))
    try:
        made.start()
        yield made
    finally:
        made.stack.stop()


@pytest.fixture(params=[*SYNC, *AWAITED], ids=lambda library: library.__name__)
def own(request: pytest.FixtureRequest, url: str, loop: LoopThread, awaited: Callable[[Any], Any]) -> Iterator[Own]:
    """A connection or session of each library to `url`, whose methods return when they are done."""
    if request.param in SYNC:
        made = request.param(url)
        yield made
        made.close()
    else:
        made = loop.run(request.param(url))
        yield awaited(made)
        loop.run(made.close())


@pytest.fixture
def store(stack: Stack) -> Iterator[OwnDatabase]:
    """A database of an application's own."""
    made = OwnDatabase(stack)
    yield made
    made.drop()


@pytest.fixture
def bellhop(stack: Stack) -> Iterator[Client]:
    """A client whose methods return when they are done, as a forwarder wants it."""
    with Client(stack.url, TOKEN) as made:
        yield made


@pytest.fixture
def through(site: Site) -> Iterator[Client]:
    """A client of a site, which stands in for Bellhop or hands on to it; a forwarder ignores how often it retries."""
    with Client(site.url(), TOKEN, retries=Retries(attempts=100, first=60)) as made:
        yield made


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system with tasks that say something."""
    made = Stack(
        tmp_path_factory.mktemp("followed"), BELLHOP_PLUGINS="tests.tasks,tests.tasks.talks,tests.tasks.invoices"
    )
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


@dataclass(frozen=True)
class Done:
    """What a command has printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """What was printed as lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def command(system: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in this process: `command("jobs", "--json")`."""
    monkeypatch.setenv("BELLHOP_URL", system.url)
    monkeypatch.setenv("BELLHOP_TOKEN", TOKEN)

    def call(*argv: str, stdin: str = "") -> Done:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin.encode()), "utf-8"))
        capsys.readouterr()
        try:
            code = run(argv)
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Done(int(code), captured.out, captured.err)

    return call
