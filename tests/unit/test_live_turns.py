"""Live views: whose topic is rendered next, and which topics there are."""

from collections.abc import Callable
from typing import Any

import pytest

from bellhop_web.auth.access import Access
from bellhop_web.live import renderer, topics
from bellhop_web.live.renderer import Renderer
from bellhop_web.live.stream import Stream
from bellhop_web.live.topics import NoSuchTopic, find, topic


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were rendered, each of which took a second; all topics are always due."""
    done: list[str] = []
    clock = iter(range(1_000_000))
    monkeypatch.setattr(topics, "_topics", {})
    monkeypatch.setattr(renderer, "SHARE", 0)
    monkeypatch.setattr(renderer.time, "monotonic", lambda: float(next(clock)))

    @topic("thing", key=str, access=Access.PUBLIC, every=-1e9, exists=lambda db, key: key)
    def render(key: str) -> dict[str, str]:
        done.append(key)
        return {}

    return done


class Bare(Renderer):
    """A renderer without threads and requests."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]

    def _start(self) -> None:
        pass

    def _render(self, written: str, *_: Any) -> dict[str, str]:
        topic, key = find(written)
        return topic.render(key)

    def render(self, times: int) -> None:
        for _ in range(times):
            self._render_in_turn(*self._next())


def stream(viewer: str, *keys: str) -> Stream:
    return Stream(viewer, None, Access.PUBLIC, frozenset(f"thing:{key}" for key in keys), chunked=True)


def test_who_has_a_thousand_topics_gets_no_more_than_who_has_one(rendered: list[str]) -> None:
    made = Bare()
    for first in range(0, 1000, 20):
        made.join(stream("greedy", *(f"greedy-{n}" for n in range(first, first + 20))))
    made.join(stream("modest", "own"))

    made.render(20)

    assert 9 <= rendered.count("own") <= 11


def test_what_a_greedy_viewer_looks_at_too_is_rendered_for_the_others(rendered: list[str]) -> None:
    made = Bare()
    made.join(stream("greedy", "shared", *(f"greedy-{n}" for n in range(100))))
    made.join(stream("modest", "shared"))

    made.render(20)

    assert rendered.count("shared") >= 9


def test_a_newcomer_does_not_make_up_for_the_time_before(rendered: list[str]) -> None:
    made = Bare()
    made.join(stream("old", "old"))
    made.render(50)
    made.join(stream("new", "new"))

    made.render(10)

    assert 4 <= rendered[50:].count("new") <= 6


@pytest.mark.long
def test_a_topic_that_is_slow_to_render_is_rendered_less_often(
    rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer, "SHARE", 10)
    made = Bare()
    made.join(stream("a", "slow"))

    made.render(2)

    shown = made._topics["thing:slow"]
    assert shown.gap == 10, "it took a second"
    assert shown.due == shown.rendered + 10
    made.mark_changed(["thing:slow"])
    assert shown.due == shown.rendered + 10


def test_nothing_is_kept_of_viewers_who_have_gone(rendered: list[str]) -> None:
    made, first, second = Bare(), stream("a", "x"), stream("a", "x", "y")
    made.join(first)
    made.join(second)
    made.render(3)
    made.leave(first)
    assert set(made._topics) == {"thing:x", "thing:y"}

    made.leave(second)

    assert (made._topics, made._turns._open, made._turns._spent) == ({}, {}, {})


def test_a_topic_with_a_key_must_know_what_exists(rendered: list[str]) -> None:
    declare: Callable[..., Any] = topic("free", key=int, access=Access.PUBLIC)

    with pytest.raises(TypeError, match="needs `may` or `exists`"):
        declare(lambda key: {})


@pytest.mark.parametrize("written", ["plain:", "number:07", "number:+7", "number: 7", "number:7_0", "number:٧"])
def test_a_topic_has_one_spelling(rendered: list[str], written: str) -> None:
    topic("plain")(lambda _: {})
    topic("number", key=int, exists=lambda db, key: key)(lambda key: {})

    assert find("number:7")[1] == 7
    with pytest.raises(NoSuchTopic):
        find(written)
