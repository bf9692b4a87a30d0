"""Terms: what a query consists of, each checked, and written again as it is read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bellhop.errors import Fault, Invalid
from bellhop_ledger.ledger.tables import ENDED
from bellhop_web.http.problems import did_you_mean
from bellhop_web.search.fields import EXPIRED, FIELDS, Field
from bellhop_web.search.grammar import NO_TERM, NotAQuery, RawTerm, Value, raw_terms, write_word

ENDS = frozenset({*(state.value for state in ENDED), EXPIRED})
QUIET, NO, YES = "quiet", "no", "yes"
NAMES_TASKS = frozenset({"task", "id", "parent", "request", "schedule", "reason"})
"""Terms that say so exactly which jobs are meant that those of quiet tasks are not left out."""
OF_TIME = frozenset({"since", "until", "ended"})


@dataclass(frozen=True)
class Term:
    """One term: a job fits when one of the values does, or none where it is negated."""

    name: str
    """Empty for a word that stands alone."""
    values: tuple[Value, ...]
    negated: bool = False
    path: tuple[str, ...] = ()
    at: int = field(default=0, compare=False)
    """Where it begins in the query, counted from 1."""

    @property
    def texts(self) -> list[str]:
        """The values without their quotes."""
        return [value.text for value in self.values]

    def __str__(self) -> str:
        """Return the term as a query has it."""
        sign = "-" if self.negated else ""
        if not self.name:
            return sign + write_word(self.values[0].text)
        return f"{sign}{'.'.join((self.name, *self.path))}:{','.join(map(str, self.values))}"


@dataclass(frozen=True)
class Search:
    """A query: a job fits when all terms do."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """Return the query as text, from which `parse` makes the same again."""
        return " ".join(map(str, self.terms))

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.terms)

    def without(self, term: Term) -> "Search":
        """Return the query without one of its terms."""
        return Search(tuple(one for one in self.terms if one is not term))

    def named(self, name: str) -> Iterator[Term]:
        """Yield the terms of this name."""
        return (term for term in self.terms if term.name == name)

    @property
    def states(self) -> frozenset[str]:
        """The states that a job may be in by the first term that says so; empty: any."""
        positive = (term for term in self.named("state") if not term.negated)
        return frozenset(next((term.texts for term in positive), ()))

    @property
    def of_ends(self) -> bool:
        """Whether only jobs that ended are asked for: then `since` and `until` are about their ends."""
        return bool(self.states) and self.states <= ENDS

    @property
    def ends_alike(self) -> bool:
        """Whether all jobs ended in one way, so that an index has them in the order of their ends."""
        return self.of_ends and len(self.states) == 1

    @property
    def by_end(self) -> bool:
        """Whether the list is in the order of ends if nothing else is wished: where how or when jobs ended is asked."""
        others = [term.name for term in self.terms if term.name != QUIET]
        return self.ends_alike and (others == ["state"] or not OF_TIME.isdisjoint(others))

    @property
    def leaves_quiet_out(self) -> bool:
        """Whether jobs of quiet tasks are left out: those of one every second would bury all others."""
        said = [term.texts[0] for term in self.named(QUIET)]
        if said:
            return NO in said
        return not any(term.name in NAMES_TASKS and not term.negated for term in self.terms)


def parse(text: str) -> Search:
    """Return the query that a text is. Raises Invalid, which names the field `q` and each place at fault."""
    search, faults = parse_leniently(text)
    if faults:
        raise Invalid(faults=faults)
    return search


def parse_leniently(text: str) -> tuple[Search, list[Fault]]:
    """Return what of a text is a query, and what is wrong with the rest."""
    terms: list[Term] = []
    faults: list[Fault] = []
    raw = raw_terms(text)
    while True:
        try:
            terms.append(_checked(next(raw)))
        except StopIteration:
            return Search(tuple(terms)), faults
        except NotAQuery as error:
            faults.append(Fault("q", str(error)))


def _checked(raw: RawTerm) -> Term:
    known = FIELDS.get(raw.name)
    if known is None:
        near = did_you_mean(raw.name, FIELDS)
        raise NotAQuery(raw.at, f"{raw.name!r} {f'is no term{near}' if near else NO_TERM}")
    try:
        known.check_term(raw.negated, raw.path, len(raw.values))
        values = tuple(dict.fromkeys(_value(known, value) for value in raw.values))
    except ValueError as error:
        raise NotAQuery(raw.at, f"{raw.text}: {error}") from None
    return Term(raw.name, values, raw.negated, raw.path, raw.at)


def _value(known: Field, value: Value) -> Value:
    text = known.read(value.text)
    return Value(text, quoted=value.quoted and known.quotes_matter(text))
