"""The renderer: renders each topic once for all who listen to it, when it has changed and every few seconds besides."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Condition, Thread

import flask
from sqlalchemy.exc import SQLAlchemyError

from bellhop.errors import Refused
from bellhop_ledger.platform.database import statement_timeout
from bellhop_ledger.platform.log import get_logger
from bellhop_web.live.stream import Stream
from bellhop_web.live.topics import Fragments, find
from bellhop_web.live.turns import Turns

log = get_logger(__name__)

PATIENCE = 6.0
"""Seconds beyond its period after which what was read of a topic counts as old."""
GAP = 0.3
"""Seconds between two renderings of a topic, however often it changes."""
SHARE = 10
"""A topic takes at most one part in so many of the renderer's time: one that was slow is rendered less often."""
STATEMENT_TIMEOUT = 2.0
"""Seconds after which Postgres cancels a statement of a rendering, unless it sets a time-out of its own."""
Publish = Callable[[str, Fragments, Fragments], None]


@dataclass
class LiveTopic:
    """A topic that somebody listens to."""

    viewers: Counter[str] = field(default_factory=Counter)
    """Who they are, and with how many streams."""
    newcomers: bool = False
    fragments: Fragments = field(default_factory=dict)
    rendered: float = 0.0
    due: float = 0.0
    gap: float = GAP
    """Seconds from the beginning of a rendering to that of the next, at least."""
    read: float = 0.0
    """When it was last read without a fault; `rendered` is when that was tried."""


class Renderer:
    """One thread, and so at most one database connection, for all live views of this process."""

    publish: Publish
    publish_gone: Callable[[str], None]
    """Where to, the hub."""

    def __init__(self, app: flask.Flask):
        self._app = app
        self._topics: dict[str, LiveTopic] = {}
        self._turns = Turns()
        self._changed = Condition()
        self._thread: Thread | None = None

    def join(self, stream: Stream) -> None:
        """Add a stream."""
        with self._changed:
            self._turns.join(stream.viewer)
            for topic in stream.topics:
                shown = self._topics.setdefault(topic, LiveTopic())
                shown.viewers[stream.viewer] += 1
                shown.newcomers = True
                shown.due = min(shown.due, shown.rendered + shown.gap)
            self._start()
            self._changed.notify()

    def leave(self, stream: Stream) -> None:
        """Remove a stream."""
        with self._changed:
            self._turns.leave(stream.viewer)
            for topic in stream.topics:
                shown = self._topics[topic]
                shown.viewers -= Counter([stream.viewer])  # which drops who has none left
                if not shown.viewers:
                    del self._topics[topic]

    def is_fresh(self, topics: Iterable[str]) -> bool:
        """Whether all of these topics were read when they were last due."""
        with self._changed:
            now = time.monotonic()
            known = [(self._topics[topic], find(topic)[0].every) for topic in topics if topic in self._topics]
            return all(now - shown.read < max(every, shown.gap) + PATIENCE for shown, every in known)

    def mark_changed(self, topics: Iterable[str]) -> None:
        """Render these topics soon: they have probably changed."""
        with self._changed:
            for shown in (self._topics[topic] for topic in topics if topic in self._topics):
                shown.due = min(shown.due, shown.rendered + shown.gap)
            self._changed.notify()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="live-renderer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            topic, shown = self._next()
            newcomers, shown.newcomers = shown.newcomers, False
            before, after = shown.fragments, self._render_in_turn(topic, shown)
            if after is None:
                shown.newcomers = shown.newcomers or newcomers
                continue
            shown.read = time.monotonic()
            changed = {id: html for id, html in after.items() if before.get(id) != html}
            shown.fragments = after
            if changed or newcomers:
                self.publish(topic, after, changed)

    def _next(self) -> tuple[str, LiveTopic]:
        """Wait for the next topic: of those that are due, one of the viewer who has had the least."""
        with self._changed:
            while True:
                now = time.monotonic()
                if due := [
                    (self._turns.had(one.viewers), one.due, name)
                    for name, one in self._topics.items()
                    if one.due <= now
                ]:
                    topic = min(due)[-1]
                    shown = self._topics[topic]
                    shown.rendered = now
                    shown.due = now + find(topic)[0].every
                    return topic, shown
                first = min((one.due for one in self._topics.values()), default=None)
                self._changed.wait(None if first is None else first - now)

    def _render_in_turn(self, topic: str, shown: LiveTopic) -> Fragments | None:
        began = time.monotonic()
        try:
            return self._render(topic)
        finally:
            took = time.monotonic() - began
            with self._changed:
                self._turns.charge(shown.viewers, took)
                shown.gap = max(GAP, SHARE * took)
                shown.due = max(shown.due, shown.rendered + shown.gap)

    def _render(self, written: str) -> Fragments | None:
        """Render a topic, or return nothing: what cannot be rendered now stays as it was shown."""
        topic, key = find(written)
        try:
            with self._app.test_request_context("/live"), statement_timeout(STATEMENT_TIMEOUT):
                return topic.render(key)
        except Refused:
            self.publish_gone(written)  # it is not there, or no more
        except SQLAlchemyError as error:
            log.warning("live_view_not_read", topic=written, error=repr(error)[:300])
        except Exception:
            log.exception("live_view_failed", topic=written)
        return None
