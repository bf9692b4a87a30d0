"""Topics: what a page can listen to, and how the fragments that show it are rendered."""

from collections.abc import Callable
from dataclasses import dataclass

from bellhop.errors import Fault, Invalid
from bellhop_web.access import Access
from bellhop_web.auth import Caller

Fragments = dict[str, str]
"""The inner HTML of elements, by their id."""
MOST_TOPICS = 20
LONGEST_KEY = 200


class NoSuchTopic(Invalid):
    """There is no such topic."""


@dataclass(frozen=True)
class Topic:
    """A kind of thing that changes, whose key says which."""

    name: str
    access: Access
    render: Callable[[str], Fragments]
    every: float
    """Seconds after which it is looked at again though no hint came."""
    may: Callable[[Caller | None, str], bool] | None
    """Who may see one of these, beyond `access`."""


_topics: dict[str, Topic] = {}
Render = Callable[[str], Fragments]


def topic(
    name: str,
    *,
    access: Access = Access.OPERATOR,
    every: float = 5.0,
    may: Callable[[Caller | None, str], bool] | None = None,
) -> Callable[[Render], Render]:
    """Have a function render the topic `<name>` or `<name>:<key>`: the inner HTML of the page's elements by their id.

    It is called once for all who listen, not as any of them: what it gives must be for each who
    may see the topic. `announce_changed` makes it be called soon, otherwise it is every few
    seconds. Called within a request's context, so templates and url_for work. Fragments must not
    contain fields to type into: they are replaced while people look at them.
    """

    def declare(render: Render) -> Render:
        _topics[name] = Topic(name, access, render, every, may)
        return render

    return declare


def find(written: str) -> tuple[Topic, str]:
    """Give the topic and the key of `poll:7`. Raises NoSuchTopic."""
    name, _, key = written.partition(":")
    if name not in _topics or len(key) > LONGEST_KEY:
        raise NoSuchTopic(faults=[Fault("topic", "is not known")])
    return _topics[name], key
