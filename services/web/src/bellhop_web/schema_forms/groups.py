"""Parts that have parts: objects, and values that may be of several kinds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bellhop_web.schema_forms import names
from bellhop_web.schema_forms.parts import Fixed, Form, Part, written
from bellhop_web.schema_forms.shown import Kind, Shown
from bellhop_web.schema_forms.texts import Pairs
from bellhop_web.schema_forms.values import BLANK, Blank, Manner, Unreadable, hidden, read_json
from bellhop_web.schema_forms.words import in_choice
from bellhop_web.site.secret_fields import hidden_in_text

NOT_AN_OBJECT = "must be a JSON object"


@dataclass(frozen=True, kw_only=True)
class Group(Part):
    """An object: a field for each property, and one for JSON with whatever else may be in it."""

    parts: Mapping[str, Part]
    others: str = ""
    """What its other fields hold, in words; empty where there should be none."""

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return the fields of the properties."""
        given = value if isinstance(value, dict) else {}
        seen = {key: part for key, part in self.parts.items() if not isinstance(part, Fixed)}
        children = [part.show(given.get(key, BLANK), f"{name}.{key}", manner) for key, part in seen.items()]
        children += self._rest(given, name)
        return Shown(kind=Kind.GROUP, name=name, label=self.label, hint=self.hint, children=children)

    def _rest(self, given: Mapping[str, Any], name: str) -> Iterator[Shown]:
        rest = {key: value for key, value in given.items() if key not in self.parts}
        broken = rest.pop(names.REST, None)
        if not (rest or broken or self.others):
            return
        text = hidden_in_text(broken.text, self.secrets()) if broken else written(rest) if rest else ""
        hint = f"A JSON object: {self.others or 'what the task does not know'}."
        yield Shown(kind=Kind.JSON, name=f"{name}{names.REST}", label=f"Other fields of {self.label}",
                    hint=hint, text=text)  # fmt: skip

    def read_widget(self, form: Form, name: str, manner: Manner) -> Any:
        """Return the object; nothing where it need not be given and nothing of it is."""
        found = self._read_rest(form, name)
        for key, part in self.parts.items():
            value = part.read(form, f"{name}.{key}", manner)
            if value != BLANK:
                found[key] = value
        is_given = any(not isinstance(value, Blank) for value in found.values())
        return found if is_given or (self.required and not self.nullable) else self.empty()

    def _read_rest(self, form: Form, name: str) -> dict[str, Any]:
        rest = read_json(form.get(f"{name}{names.REST}", ""))
        if isinstance(rest, dict):
            return rest
        if isinstance(rest, Blank):
            return {}
        unreadable = rest if isinstance(rest, Unreadable) else Unreadable(written(rest), NOT_AN_OBJECT, as_json=True)
        return {names.REST: unreadable}

    def carries(self, value: Any, name: str, manner: Manner) -> bool:
        """Return whether it is an object that is not taken for nothing."""
        if not isinstance(value, dict) or not isinstance(value.get(names.REST, BLANK), Blank | Unreadable):
            return False
        if self.required and not self.nullable:
            return True
        return isinstance(self.read_widget(self.widget(value, name, manner).posted(), name, manner), dict)

    def masked(self, value: Any) -> Any:
        """Return the object as a page may show it."""
        if not isinstance(value, dict):
            return value
        return {key: self.parts[key].masked(one) if key in self.parts else one for key, one in value.items()}

    def secrets(self) -> list[str]:
        """Return the names of what is secret in it."""
        inner = [name for part in self.parts.values() for name in part.secrets()]
        return [key for key, part in self.parts.items() if part.secret is not None] + inner


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One kind of value, where there are several."""

    label: str
    part: Part
    fits: Callable[[Any], bool]
    """Whether a value is of this kind, by its schema."""


@dataclass(frozen=True, kw_only=True)
class Branches(Part):
    """A value of one of several kinds: which one is a choice of its own."""

    branches: Sequence[Branch]

    def widget(self, value: Any, name: str, manner: Manner) -> Shown:
        """Return the choice, and the fields of the chosen kind."""
        chosen = self._chosen(value)
        nothing = [] if self._must_be_chosen else [("", self._nothing())]
        options = [*nothing, *((str(place), branch.label) for place, branch in enumerate(self.branches))]
        children = [] if chosen is None else [self._inside(chosen).show(value, name, manner)]
        choice = Shown(
            kind=Kind.BRANCHES, name=f"{name}{names.BRANCH}", label=self.label, hint=self.hint,
            text="" if chosen is None else str(chosen), options=options,
        )  # fmt: skip
        return replace(choice, children=children)

    def _inside(self, chosen: int) -> Part:
        part = self.branches[chosen].part
        return replace(part, label=f"{self.label} ({self.branches[chosen].label})")

    def _nothing(self) -> str:
        return f"default: {in_choice(self.default)}" if in_choice(self.default) else "none"

    @property
    def _must_be_chosen(self) -> bool:
        return self.required and not self.nullable

    def _chosen(self, value: Any) -> int | None:
        """Return which kind a value is of; None where nothing has to be given, and is not."""
        if isinstance(value, Blank):
            return value.branch if value.branch is not None else 0 if self._must_be_chosen else None
        if isinstance(value, Unreadable):
            return next((place for place, branch in enumerate(self.branches) if isinstance(branch.part, Pairs)), None)
        return next((place for place, branch in enumerate(self.branches) if branch.fits(value)), None)

    def read(self, form: Form, name: str, manner: Manner) -> Any:
        """Return what was typed: of the chosen kind, or JSON of any kind."""
        if f"{name}{names.BRANCH}" in form:
            return self.read_widget(form, name, manner)
        return super().read(form, name, manner)

    def read_widget(self, form: Form, name: str, manner: Manner) -> Any:
        """Return what was typed into the fields of the chosen kind."""
        chosen = form.get(f"{name}{names.BRANCH}", "")
        if not (chosen.isdecimal() and int(chosen) < len(self.branches)):
            return self.empty()
        value = self.branches[int(chosen)].part.read(form, name, manner)
        return Blank(int(chosen)) if isinstance(value, Blank) else value

    def carries(self, value: Any, name: str, manner: Manner) -> bool:
        """Return whether it is of one of these kinds."""
        return self._chosen(value) is not None

    def masked(self, value: Any) -> Any:
        """Return a value as a page may show it."""
        chosen = self._chosen(value)
        if chosen is None:
            return hidden(value) if self.secrets() else value
        return self.branches[chosen].part.masked(value)

    def secrets(self) -> list[str]:
        """Return the names of what is secret in any of them."""
        return [name for branch in self.branches for name in branch.part.secrets()]
