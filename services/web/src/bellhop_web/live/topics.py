"""Topics: what a page can listen to, and how the fragments that show it are rendered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bellhop.errors import Fault, Invalid
from bellhop_web.access import Access
from bellhop_web.auth import Caller

Key = TypeVar("Key")
Fragments = dict[str, str]
"""The inner HTML of elements, by their id."""
MOST_TOPICS = 20
LONGEST_KEY = 200


class NoSuchTopic(Invalid):
    """There is no such topic."""


def no_key(written: str) -> None:
    """Read the key of a topic of which there is one. Raises ValueError."""
    if written:
        raise ValueError


@dataclass(frozen=True)
class Topic(Generic[Key]):
    """A kind of thing that changes, whose key says which."""

    name: str
    access: Access
    key: Callable[[str], Key]
    """Reads a key. Raises ValueError."""
    render: Callable[[Key], Fragments]
    every: float
    """Seconds after which it is looked at again though no hint came."""
    may: Callable[[Caller | None, Key], bool] | None
    """Who may see one of these, beyond `access`."""


_topics: dict[str, Topic[Any]] = {}


def topic(
    name: str,
    *,
    access: Access = Access.OPERATOR,
    key: Callable[[str], Key] = no_key,  # type: ignore[assignment]
    every: float = 5.0,
    may: Callable[[Caller | None, Key], bool] | None = None,
) -> Callable[[Callable[[Key], Fragments]], Callable[[Key], Fragments]]:
    """Have a function render the topic `<name>` or `<name>:<key>`: the inner HTML of the page's elements by their id.

    `key` reads what follows the colon; without it there is one such topic, and its key is None.

    It is called once for all who listen, not as any of them: what it gives must be for each who
    may see the topic. `announce_changed` makes it be called soon, otherwise it is every few
    seconds. Called within a request's context, so templates and url_for work. Fragments must not
    contain fields to type into: they are replaced while people look at them.
    """

    def declare(render: Callable[[Key], Fragments]) -> Callable[[Key], Fragments]:
        _topics[name] = Topic(name, access, key, render, every, may)
        return render

    return declare


def find(written: str) -> tuple[Topic[Any], Any]:
    """Give the topic and the key of `poll:7`. Raises NoSuchTopic."""
    name, _, key = written.partition(":")
    try:
        if len(key) > LONGEST_KEY:
            raise ValueError
        return _topics[name], _topics[name].key(key)
    except (KeyError, ValueError):
        raise NoSuchTopic(faults=[Fault("topic", "is not known")]) from None
