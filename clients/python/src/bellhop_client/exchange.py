"""Exchange: what the client does, without doing it. Requests are built and answers read here; `drivers` sends them.

An operation is a flow: a generator that yields what is to be done (a request, a pause), receives what came of it and
returns the result. So each rule is written once, and the drivers, one with threads and one with asyncio, stay thin.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from time import time
from typing import Any, TypeVar

from bellhop_client.errors import NoAnswer, Problem, UnexpectedAnswer, Unreachable, refusal

T = TypeVar("T")
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}


@dataclass(frozen=True)
class Request:
    """A request of the API."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes | None = field(default=None, repr=False)
    key: str | None = None
    """The header Idempotency-Key."""
    repeatable: bool = True
    """Whether sending it again changes nothing, though the first one may have arrived."""
    seconds: float = 0.0
    """How long the server may wait before it answers."""
    until: float | None = None
    """The time, by the monotonic clock, after which it is not sent again."""


@dataclass(frozen=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Ring:
    """Wait until one of these topics of live views has probably changed. The result is whether one rang.

    The stream stays open until the flow ends. Its events are a doorbell: what they carry is not read.
    """

    topics: tuple[str, ...]
    silence: float = 30.0
    """Seconds after which a stream without a sign of life counts as dead; the server sends one every ten."""


@dataclass(frozen=True)
class Items:
    """Hand these over to whoever iterates."""

    values: Sequence[Any] = field(repr=False)


@dataclass(frozen=True)
class Call:
    """Call a function in Postgres. The result is what it returns: a list, of one value or of several."""

    function: str
    arguments: Sequence[tuple[str, str, str]] = field(repr=False)
    """The name of each, its type, and its value as text, which all drivers bind in the same way."""

    def sql(self, schema: str, place: Callable[[int], str]) -> str:
        """Return the statement; `place` is how a driver writes where its first, second ... value goes."""
        named = (
            f"{name} => CAST(CAST({place(number)} AS text) AS {type})"
            for number, (name, type, _) in enumerate(self.arguments, 1)
        )
        return f"SELECT {schema}.{self.function}({', '.join(named)})"

    @property
    def values(self) -> list[str]:
        """The values, in their order."""
        return [value for _, _, value in self.arguments]


@dataclass(frozen=True)
class Statement:
    """Run a statement in Postgres. The result is the first column of its rows."""

    text: str
    """With `{}` in the place of each value."""
    values: list[str] = field(default_factory=list, repr=False)

    def sql(self, _: str, place: Callable[[int], str]) -> str:
        """Return the statement as a driver takes it, see `Call.sql`; its table is found by the search path."""
        return self.text.format(*(f"CAST({place(number)} AS text)" for number, _ in enumerate(self.values, 1)))


Act = Request | Pause | Ring | Items | Call | Statement
Flow = Generator[Act, Any, T]


@dataclass(frozen=True)
class Answer:
    """What came back; the names of headers are in whichever case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.status} {phrase(self.status)}"

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server wants to be asked again: a number or a date (RFC 9110, 10.2.3)."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.isascii() and text.isdigit() else _seconds_until(text)


@dataclass(frozen=True)
class Lost:
    """No answer came."""

    reason: str
    sent: bool
    """Whether the request may have arrived."""

    def __str__(self) -> str:
        return self.reason


Outcome = Answer | Lost


def send(request: Request, read: Callable[[Any], T]) -> Flow[T]:
    """Send a request and return what its answer says. Raises Unreachable, UnexpectedAnswer and Refused."""
    outcome = yield request
    return read(content_of(outcome))


def content_of(outcome: Outcome) -> Any:
    """Return the JSON of an answer, None where it has no content. Raises as `send` does."""
    if isinstance(outcome, Lost):
        raise (NoAnswer if outcome.sent else Unreachable)(outcome.reason)
    if outcome.status == HTTPStatus.NO_CONTENT:
        return None
    if 300 <= outcome.status < 400:
        place = outcome.headers.get("Location", "elsewhere")
        raise UnexpectedAnswer(f"the answer is a redirect to {place}; give the client the URL behind it")
    if outcome.status >= 400:
        raise refusal(_problem(outcome))
    return _json(outcome)


def _json(answer: Answer) -> Any:
    content = _object(answer)
    if content is None:
        raise UnexpectedAnswer(f"the answer ({answer.status}) is not a JSON object; is the URL that of Bellhop?")
    return content


def _object(answer: Answer) -> dict[str, Any] | None:
    try:
        content = json.loads(answer.content)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _problem(answer: Answer) -> Problem:
    """Read a problem. What a proxy answers in its place has only a status."""
    members = _object(answer) or {}
    own = {"type", "title", "status", "detail", "errors", "request_id"}
    title = members.get("title") or phrase(answer.status)
    return Problem(
        answer.status,
        title,
        members.get("detail") or title,
        _by_field(members.get("errors") or ()),
        members.get("request_id") or answer.headers.get("X-Request-Id"),
        answer.retry_after,
        {name: value for name, value in members.items() if name not in own},
    )


def phrase(status: int) -> str:
    """Return HTTP's words for a status (RFC 9110), which Python has all of from 3.13 on."""
    if status in RENAMED:
        return RENAMED[status]
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


def _by_field(errors: Sequence[Mapping[str, str]]) -> dict[str, str]:
    by_field: dict[str, str] = {}
    for error in errors:
        name, message = error.get("field", "body"), error.get("message", "")
        by_field[name] = f"{by_field[name]}; {message}" if name in by_field else message
    return by_field


def _seconds_until(date: str) -> float | None:
    if not date:
        return None
    from email.utils import parsedate_to_datetime  # 20 modules for what proxies do now and then

    try:
        return max(parsedate_to_datetime(date).timestamp() - time(), 0.0)
    except (ValueError, OverflowError):
        return None
