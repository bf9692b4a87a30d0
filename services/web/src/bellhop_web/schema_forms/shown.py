"""What the templates get of a form: its fields, with what stands in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a field looks."""

    INPUT = "input"
    AREA = "area"
    CHOICE = "choice"
    JSON = "json"
    GROUP = "group"
    """Fields with a heading of their own."""
    BRANCHES = "branches"
    """A choice of what kind of value it is, and the fields of the chosen kind."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One field, or several below a heading."""

    kind: Kind
    name: str
    """Of the form's field; of a group its path."""
    label: str
    hint: str = ""
    required: bool = False
    text: str = ""
    """What stands in it."""
    type: str = "text"
    inputmode: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    """Of a choice: values, and the words for them."""
    children: list["Shown"] = field(default_factory=list)
    stored: str = ""
    """The name of a hidden field that says that an empty secret stays as it is stored."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Of JSON: a hidden field with the names of what is secret in it."""

    def all(self) -> Iterator["Shown"]:
        """Yield this field and all below it."""
        yield self
        for child in self.children:
            yield from child.all()

    def posted(self) -> dict[str, str]:
        """Return what a browser sends when nobody changes anything."""
        sent = {one.name: one.text for one in self.all() if one.kind is not Kind.GROUP}
        return sent | {one.stored: "yes" for one in self.all() if one.stored}
