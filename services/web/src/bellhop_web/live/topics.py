"""Topics: what a page can listen to, and how the fragments that show it are rendered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller

Key = TypeVar("Key")
Fragments = dict[str, str]
"""The inner HTML of elements, by their id."""
MOST_TOPICS = 5
LONGEST_KEY = 300
"""Characters: a name may be a key."""


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
    """Seconds after which it is looked at again though no change was announced."""
    may: Callable[[Caller | None, Key], bool] | None
    """Who may see one of these, beyond `access`; nobody one that does not exist."""
    exists: Callable[[Key], object] | None
    """Raises NotFound where there is no such thing."""


_topics: dict[str, Topic[Any]] = {}


def topic(
    name: str,
    *,
    access: Access = Access.OPERATOR,
    key: Callable[[str], Key] = no_key,  # type: ignore[assignment]
    every: float = 5.0,
    may: Callable[[Caller | None, Key], bool] | None = None,
    exists: Callable[[Session, Key], object] | None = None,
) -> Callable[[Callable[[Key], Fragments]], Callable[[Key], Fragments]]:
    """Make a function render the topic `<name>` or `<name>:<key>`: the inner HTML of the page's elements by their id.

    `key` reads what follows the colon; without it there is one such topic, and its key is None. A key
    names something that exists: each topic costs a rendering every few seconds, so nobody may invent any.
    With a key `exists` finds the thing or raises NotFound, or `may` says whether somebody may see it.

    It is called once for all who listen, not as any of them: what it gives must be for each who
    may see the topic. `announce_changed` makes it be called soon, otherwise it is every few
    seconds. Called within a request's context, so templates and url_for work. Fragments must not
    contain fields to type into: they are replaced while people look at them.
    """

    def find_it(key: Key) -> None:
        with transaction() as db:
            exists(db, key)  # type: ignore[misc]

    def declare(render: Callable[[Key], Fragments]) -> Callable[[Key], Fragments]:
        if key is not no_key and not (may or exists):
            raise TypeError(f"the topic {name} has a key, so it needs `may` or `exists`")
        _topics[name] = Topic(name, access, key, render, every, may, find_it if exists else None)
        return render

    return declare


def find(written: str) -> tuple[Topic[Any], Any]:
    """Return the topic and the key of `poll:7`, in the one way in which that is written. Raises NoSuchTopic."""
    name, _, key = written.partition(":")
    try:
        if len(key) > LONGEST_KEY:
            raise ValueError
        topic, read = _topics[name], _topics[name].key(key)
    except (KeyError, ValueError):
        raise NoSuchTopic(faults=[Fault("topic", "is not known")]) from None
    if written != (name if read is None else f"{name}:{read}"):
        raise NoSuchTopic(faults=[Fault("topic", "is not written as pages do")])
    return topic, read
