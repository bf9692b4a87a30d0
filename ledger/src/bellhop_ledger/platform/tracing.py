"""Tracing: spans for OpenTelemetry. Off, and not even imported, unless OTEL_EXPORTER_OTLP_ENDPOINT is set.

What of a span is to be carried on, in a job's row or a header, is its context: a text of the values of the
W3C headers traceparent and, after a space, tracestate.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from threading import Thread
from typing import TYPE_CHECKING, Final

from bellhop_ledger.platform.settings import Settings

if TYPE_CHECKING:
    from bellhop_ledger.platform.telemetry import Telemetry

ROOT: Final = ""
"""The parent of a span that begins a trace."""
LONGEST_STATE = 512
"""Characters of a tracestate that are carried on (W3C Trace Context, 3.3.1.5)."""
STOP_SECONDS = 2.0
"""For so long a process that ends waits for its last spans to be sent."""

Facts = Mapping[str, str | int | float | bool]


class Kind(StrEnum):
    """What a span is to others."""

    SERVER = "server"
    PRODUCER = "producer"
    CONSUMER = "consumer"
    CLIENT = "client"


class Span:
    """One step of a trace; this one stands for those that are not recorded."""

    context: str | None = None
    ids: Mapping[str, str] = {}
    """The trace's id, for the lines that are logged meanwhile."""

    def note(self, facts: Facts, *, name: str | None = None) -> None:
        """Record what became known on the way, and perhaps a better name."""

    def fail(self, kind: str) -> None:
        """Record that it failed, and how: the name of an exception or a status. No message, which may hold secrets."""


class _Off(AbstractContextManager[Span]):
    """A block in which nothing is recorded."""

    def __init__(self) -> None:
        self._span = Span()

    def __enter__(self) -> Span:
        return self._span

    def __exit__(self, *_: object) -> None:
        pass


NOTHING: Final = _Off()
"""A block that is no step of any trace."""
recorder: "Telemetry | None" = None
"""What records in this process; None: nothing does."""


def wanted() -> bool:
    """Whether an endpoint is set."""
    return bool(Settings.load().otel_exporter_otlp_endpoint)


def load() -> None:
    """Import what is needed before processes are forked, so that they share its memory."""
    if wanted():
        import bellhop_ledger.platform.telemetry  # noqa: F401


def start(service: str) -> None:
    """Begin to record in this process, where that is wanted: after a fork, for a thread sends what was recorded."""
    global recorder  # noqa: PLW0603
    if wanted() and recorder is None:
        from bellhop_ledger.platform.telemetry import Telemetry

        recorder = Telemetry(service, Settings.load())


def stop() -> None:
    """Send what is left, at most for STOP_SECONDS: an endpoint that hangs must not hold up the end of a process."""
    global recorder  # noqa: PLW0603
    if recorder is not None:
        sending = Thread(target=recorder.shut_down, name="last-spans", daemon=True)
        recorder = None
        sending.start()
        sending.join(STOP_SECONDS)


def is_on() -> bool:
    """Whether this process records."""
    return recorder is not None


def span(
    name: str, kind: Kind, facts: Facts, *, parent: str | None = None, link: str | None = None
) -> AbstractContextManager[Span]:
    """Record the block as a step of the present one, or of a `parent` elsewhere (a context, or ROOT).

    `link` is the context of a step that led to it long ago. Facts hold no secrets: no bodies, queries, headers
    or arguments.
    """
    return NOTHING if recorder is None else recorder.span(name, kind, facts, parent, link)


def context() -> str | None:
    """Return the context of the present step."""
    return None if recorder is None else recorder.context()


def context_of(headers: Mapping[str, str]) -> str:
    """Return the context that came with a request; ROOT when there was none."""
    parent, state = headers.get("traceparent", ""), headers.get("tracestate", "")
    return f"{parent} {state}" if parent and 0 < len(state) <= LONGEST_STATE else parent


def headers_of(context: str | None) -> dict[str, str]:
    """Return the headers that carry a context on."""
    parent, _, state = (context or "").partition(" ")
    return {name: value for name, value in (("traceparent", parent), ("tracestate", state)) if value}


@contextmanager
def recording(service: str) -> Iterator[None]:
    """Record while a command runs."""
    start(service)
    try:
        yield
    finally:
        stop()
