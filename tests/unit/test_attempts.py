"""Attempts as steps of a trace: beside one another for an hour, and linked after that."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.tracing import NOTHING, ROOT
from bellhop_worker.engine.spans import attempt
from tests.tasks.signatures import noop

CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 shop=t61rcWkgMzE"


def made(age: timedelta) -> UUID:
    """Return an identifier of ours that is so old."""
    milliseconds = int((datetime.now(UTC) - age).timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62)


@pytest.mark.parametrize(
    ("minutes", "context", "parent", "link"),
    [
        (59, CONTEXT, CONTEXT, None),
        (61, CONTEXT, ROOT, CONTEXT),
        (None, CONTEXT, CONTEXT, None),
        (1, None, ROOT, None),
    ],
)
def test_an_attempt_is_a_child_of_its_submission_for_an_hour_and_linked_to_it_later(
    monkeypatch: pytest.MonkeyPatch, minutes: int | None, context: str | None, parent: str, link: str | None
) -> None:
    id = uuid4() if minutes is None else made(timedelta(minutes=minutes))
    steps: list[dict[str, Any]] = []
    monkeypatch.setattr(tracing, "is_on", lambda: True)
    monkeypatch.setattr(tracing, "span", lambda *_, **how: steps.append(how) or NOTHING)

    attempt(noop, Claimed(id, "test.noop", "{}", 1, 3, datetime.now(UTC), None, cancelled=False, trace_context=context))

    assert steps == [{"parent": parent, "link": link}]


def test_the_context_of_a_request_is_what_its_headers_say() -> None:
    headers = tracing.headers_of(CONTEXT)

    assert headers == {"traceparent": CONTEXT.partition(" ")[0], "tracestate": "shop=t61rcWkgMzE"}
    assert tracing.context_of(headers) == CONTEXT
    assert tracing.context_of({"tracestate": "alone=1"}) == ROOT
    assert tracing.context_of(headers | {"tracestate": "x" * 513}) == headers["traceparent"]
