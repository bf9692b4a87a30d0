"""Telemetry: OpenTelemetry's SDK behind what `bellhop_ledger.platform.tracing` offers; nobody else imports this."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.re import parse_env_headers

from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.tracing import Facts, Kind, Span, context_of, headers_of

W3C = TraceContextTextMapPropagator()
KINDS = {
    Kind.SERVER: SpanKind.SERVER,
    Kind.PRODUCER: SpanKind.PRODUCER,
    Kind.CONSUMER: SpanKind.CONSUMER,
    Kind.CLIENT: SpanKind.CLIENT,
}


class LiveSpan(Span):
    """A step that is recorded, or at least counted as part of a trace that others record."""

    def __init__(self, span: trace.Span):
        self._span = span
        self.ids = {"trace_id": trace.format_trace_id(span.get_span_context().trace_id)}
        self.context = context_in(trace.set_span_in_context(span))

    def note(self, facts: Facts, *, name: str | None = None) -> None:
        """Record what became known on the way, and perhaps a better name."""
        self._span.set_attributes(dict(facts))
        if name:
            self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """Record that it failed, and how."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class Telemetry:
    """Records the spans of this process and sends them from a thread of its own."""

    def __init__(self, service: str, settings: Settings):
        self._provider = TracerProvider(resource=resource_of(service, settings), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter_of(settings)))
        self._tracer = self._provider.get_tracer("bellhop")

    def shut_down(self) -> None:
        """Send what is left; takes as long as the endpoint lets it."""
        self._provider.shutdown()

    def context(self) -> str | None:
        """Return the context of the present step."""
        return context_in(None)

    @contextmanager
    def span(self, name: str, kind: Kind, facts: Facts, parent: str | None, link: str | None) -> Iterator[Span]:
        """Record the block. Only the name of an exception is kept: its message and traceback may contain secrets."""
        links = [Link(trace.get_current_span(read(link)).get_span_context())] if link else None
        with self._tracer.start_as_current_span(
            name,
            None if parent is None else read(parent),
            KINDS[kind],
            dict(facts),
            links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            live = LiveSpan(span)
            try:
                yield live
            except BaseException as error:
                live.fail(type(error).__name__)
                raise


def read(context: str) -> Context:
    """Read a context; an empty one, or one that is not well-formed, begins a trace."""
    return W3C.extract(headers_of(context), Context())


def context_in(context: Context | None) -> str | None:
    """Write down the context of what is there, or of the present step."""
    carrier: dict[str, str] = {}
    W3C.inject(carrier, context)
    return context_of(carrier) or None


def resource_of(service: str, settings: Settings) -> Resource:
    """Return the resource that records."""
    return Resource.create({"service.name": settings.otel_service_name or f"bellhop-{service}"})


def exporter_of(settings: Settings) -> OTLPSpanExporter:
    """Make what sends the spans. It reads the variables OTEL_EXPORTER_OTLP_... itself, but no file of secrets."""
    if os.environ.get("OTEL_EXPORTER_OTLP_HEADERS"):
        return OTLPSpanExporter()
    return OTLPSpanExporter(headers=parse_env_headers(settings.otel_exporter_otlp_headers.get_secret_value(), True))
