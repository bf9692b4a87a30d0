"""Operations: each is written once, as a function that returns a flow, and both clients have it as a method."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar, overload

from bellhop_client.exchange import Act, Flow

P = ParamSpec("P")
T = TypeVar("T")


class Runner(ABC):
    """Runs flows in the caller's thread."""

    def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result."""
        outcome: Any = None
        while True:
            try:
                act = flow.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = self.do(act)

    @abstractmethod
    def do(self, act: Act) -> Any:
        """Do what a flow asks for, and return what came of it."""


class AsyncRunner(ABC):
    """Runs flows on an event loop."""

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result."""
        outcome: Any = None
        while True:
            try:
                act = flow.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = await self.do(act)

    @abstractmethod
    async def do(self, act: Act) -> Any:
        """Do what a flow asks for, and return what came of it."""


class SyncMethods:
    """What has operations as methods that return when they are done."""

    def __init__(self, runner: Runner):
        self._runner = runner


class AsyncMethods:
    """What has operations as methods that are awaited."""

    def __init__(self, runner: AsyncRunner):
        self._runner = runner


class Operation(Generic[P, T]):
    """A method with one result, made of the function that returns its flow; it has that one's parameters."""

    def __init__(self, build: Callable[P, Flow[T]]):
        self._build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Callable[P, Flow[T]]: ...
    @overload
    def __get__(self, owner: SyncMethods, kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, owner: AsyncMethods, kind: type) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, owner: Any, kind: type) -> Any:
        """Return the method of a client, and of the class the function itself."""
        return self._build if owner is None else _method(self._build, owner._runner.run)


class Iteration(Generic[P, T]):
    """A method that iterates over what a flow hands over; a driver runs it."""

    def __init__(self, build: Callable[P, Flow[None]], item: type[T]):
        self._build, self._item = build, item
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Callable[P, Flow[None]]: ...
    @overload
    def __get__(self, owner: SyncMethods, kind: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, owner: AsyncMethods, kind: type) -> Callable[P, AsyncIterator[T]]: ...

    def __get__(self, owner: Any, kind: type) -> Any:
        """Return the method of a client, and of the class the function itself."""
        return self._build if owner is None else _method(self._build, owner._runner.iterate)


def _method(build: Callable[P, Flow[Any]], run: Callable[[Flow[Any]], Any]) -> Callable[P, Any]:
    @wraps(build)
    def method(*args: P.args, **kwargs: P.kwargs) -> Any:
        return run(build(*args, **kwargs))

    return method
