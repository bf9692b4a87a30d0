"""Filters: which jobs a list is asked for, by a query and by fields, and in which order."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bellhop.errors import Invalid
from bellhop.overrides import MOST_TAGS, Tag
from bellhop.text import Shape
from bellhop_ledger.ledger.tables import ENDED, State
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.fields import Flag, Name, QueryMoment, switch
from bellhop_web.search import Search, parse
from bellhop_web.search.fields import EXPIRED, RETRYING
from bellhop_web.search.grammar import LONGEST, Value
from bellhop_web.search.terms import Term
from bellhop_web.timeline.windows import OWN

DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"


class Order(StrEnum):
    """In which order jobs are listed, the latest first."""

    CREATED = "created"
    ENDED = "ended"


def without_made_up(given: dict[str, Any], states: Collection[str]) -> dict[str, Any]:
    """Return the query of a page with the switch in place of a state that is none."""
    state = str(given.get("state"))
    return {**given, "state": None, state: "true"} if state in states else given


Submitter = Annotated[
    str, Field(max_length=200), Shape("[A-Za-z0-9_.:-]+", "letters, digits, points, colons, hyphens and underscores")
]


def _parsed(q: str) -> str:
    """Return a query. Raises ValueError, which names each place at fault."""
    try:
        parse(q)
    except Invalid as error:
        raise ValueError("; ".join(fault.message for fault in error.faults)) from None
    return q


class JobQuery(PageQuery):
    """Which jobs to list."""

    list_name = "jobs"

    @property
    def search(self) -> Search:
        """What `q` asks for."""
        return parse(self.q or "")

    @property
    def by_end(self) -> bool:
        """Whether the list is in the order of ends: it is where how jobs ended is all that is asked for."""
        if self.sort:
            return self.sort is Order.ENDED
        asked = (self.filters.keys() & JobQuery.model_fields.keys()) - {"slow"}
        if asked == {"q"}:
            return self.search.by_end
        return (asked == {"state"} and self.state in ENDED) or (asked == {"expired"} and self.expired is True)

    @property
    def ends_alike(self) -> bool:
        """Whether only jobs that ended in one way are asked for, so that they can be listed by their ends."""
        return self.state in ENDED or self.expired is True or self.search.ends_alike

    q: Annotated[str, Field(max_length=LONGEST), AfterValidator(_parsed)] | None = Field(
        default=None,
        description="Only jobs that a query finds, besides the other filters: see docs/finding-jobs.md",
        examples=["state:failed task:http.* since:2h"],
    )
    sort: Order | None = Field(
        default=None,
        description="`created` or `ended`; by their ends only jobs that ended in one way, such as `state:failed`. By "
        "default as the list says",
    )
    slow: Flag | None = Field(default=None, description="Whether a query is run that would take long (`true`)")
    state: State | None = Field(default=None, description="Only jobs in this state")
    retrying: Annotated[bool, BeforeValidator(switch)] | None = Field(
        default=None, description="Only jobs that wait for their next attempt after one that failed (`true`)"
    )
    expired: Annotated[bool, BeforeValidator(switch)] | None = Field(
        default=None, description="Only jobs that were cancelled because they had not begun in time (`true`)"
    )
    task: Name | None = Field(default=None, description="Only jobs of this task", examples=["products.very_slow_add"])
    queue: Name | None = Field(default=None, description="Only jobs of this queue", examples=["slow"])
    tag: Annotated[list[Tag], Field(max_length=MOST_TAGS)] | None = Field(
        default=None, description="Only jobs with this tag; may be given again: then with all of them"
    )
    submitter: Submitter | None = Field(
        default=None, description="Only jobs of this `submitter`, as the job says it", examples=["celery"]
    )
    schedule: UUID | None = Field(default=None, description="Only jobs of the schedule with this id")
    parent: UUID | None = Field(default=None, description="Only jobs that the body of this job has submitted")
    request_id: Name | None = Field(default=None, description="Only jobs that go back to the request with this id")
    created_after: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted then or later: {DATE}", examples=["2030-01-31T09:30:00Z"]
    )
    created_before: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted before: {DATE}", examples=[1_896_082_200]
    )


class PageOfJobs(JobQuery):
    """A page of the list that people see: all that is asked for stands in `q`."""

    list_name = "jobs page"

    def at(self, **changes: Any) -> dict[str, Any]:
        """Return the query of an address: of this page without its place in the list, but for the changes."""
        asked = {"q": self.q or None, "sort": self.sort, "slow": "true" if self.slow else None} | changes
        return {name: value for name, value in asked.items() if value}


FILTERS = {"task": "task", "queue": "queue", "submitter": "submitter", "schedule": "schedule", "parent": "parent"}
FILTERS |= {"request_id": "request"}
"""The fields that are terms of a query as they are."""


class TypedFilters(JobQuery):
    """What is asked for in the address of the page: a query as it was typed, and the fields that older links have."""

    q: Annotated[str, Field(max_length=LONGEST)] | None = None
    quiet: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_typed(cls, given: dict[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in given.items() if name not in {"tag", *OWN}}
        tags = " ".join(given.get("tag") or ()).split()  # all in one field
        return without_made_up(rest | ({"tag": tags} if tags else {}), (RETRYING, EXPIRED))

    @property
    def text(self) -> str:
        """The whole query: what the fields of older links say, and what was typed."""
        return " ".join(filter(None, (str(Search(tuple(self._terms()))), (self.q or "").strip())))

    def _terms(self) -> Iterator[Term]:
        if self.state:
            yield _term("state", self.state.value)
        for name, said in ((RETRYING, self.retrying), (EXPIRED, self.expired)):
            if said is not None:
                yield _term("state", name, negated=not said)
        yield from (_term(name, str(getattr(self, one))) for one, name in FILTERS.items() if getattr(self, one))
        yield from (_term("tag", tag) for tag in self.tag or ())
        if self.created_after or self.created_before:
            span = (moment.isoformat() if moment else "" for moment in (self.created_after, self.created_before))
            yield _term("created", "..".join(span))
        if self.quiet:
            yield _term("quiet", "yes")

    def asking(self, search: Search) -> PageOfJobs:
        """Return the page of the list that a query finds, in the order and at the place that the address says."""
        return PageOfJobs(q=str(search), sort=self.sort, slow=self.slow, cursor=self.cursor, limit=self.limit)


class NewerQuery(TypedFilters):
    """From which job on those of a list are newer."""

    first: UUID


def _term(name: str, text: str, *, negated: bool = False) -> Term:
    return Term(name, (Value(text),), negated)
