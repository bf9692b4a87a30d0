"""Found: what the page of jobs shows for a query, which it reads leniently, and shows again while it is open."""

from typing import Any, NamedTuple
from uuid import UUID

from flask import render_template, url_for
from sqlalchemy import and_
from sqlalchemy.orm import Session

from bellhop.errors import Invalid
from bellhop_ledger.bulk_actions.tables import MOST_JOBS, Verb
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import ENDED, Job, State
from bellhop_ledger.platform.database import statement_timeout, transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller
from bellhop_web.http.cursors import NoSuchPlace
from bellhop_web.jobs import listing
from bellhop_web.jobs.filters import NewerQuery, Order, PageOfJobs, TypedFilters
from bellhop_web.jobs.payloads import may_listen, without_payload
from bellhop_web.jobs.shown import strip
from bellhop_web.jobs.titles import submitters_of
from bellhop_web.jobs.views import JobPageView
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.search import Search, parse, parse_leniently
from bellhop_web.search.conditions import condition, not_quiet
from bellhop_web.search.cost import TooSlow
from bellhop_web.search.fields import FIELDS
from bellhop_web.site.forms import valid_query

MOST_NEWER = 100
PATIENCE = 2.0
"""Seconds for a count that nobody waits for."""
OPEN = set(State) - ENDED
NOTHING = JobPageView(jobs=[], next_cursor=None)


def read_page(caller: Caller) -> dict[str, Any]:
    """Return what the page shows for the query in the address."""
    typed, faults = valid_query(TypedFilters)
    search, wrong = parse_leniently(typed.text)
    query, slow = typed.asking(search), None
    try:
        shown = _found(query, caller)
    except TooSlow as error:
        shown, slow = _shown(NOTHING, query), error
    except NoSuchPlace as error:
        query = query.model_copy(update={"cursor": None})
        shown, wrong = _found(query, caller), [*wrong, *error.faults]
    except Invalid as error:
        shown, wrong = _shown(NOTHING, query), [*wrong, *error.faults]
    shown |= {"typed": typed.text if wrong else str(search), "chips": _chips(search, query), "sorts": _sorts(query)}
    is_quick = not (faults or wrong or slow or query.slow)
    live = is_quick and not search and not query.sort and not query.cursor
    shown |= {"newer": is_quick and _newer(query, shown["found"]), "faults_found": [*faults, *wrong], "live": live}
    return shown | {
        "slow": slow,
        "search_fields": FIELDS.items(),
        "strip": strip.of_list(search),
        "acted": _acted(query, caller) if is_quick else None,
        "most_acted": MOST_JOBS,
    }


def _found(query: PageOfJobs, caller: Caller) -> dict[str, Any]:
    with transaction() as db:
        found = listing.found(db, query, caller)
        names = submitters_of(db, found.jobs)
    return _shown(found, query, names, withheld=not caller.sees_payloads)


def _shown(
    found: JobPageView, query: PageOfJobs, names: dict[str, str] | None = None, *, withheld: bool = False
) -> dict[str, Any]:
    if withheld:
        found.jobs = [without_payload(job) for job in found.jobs]
    older = found.next_cursor and url_for("jobs_pages.index", **query.at(cursor=found.next_cursor))
    return {"found": found, "older": older, "query": query, "withheld": withheld, "names": names or {}}


def _chips(search: Search, query: PageOfJobs) -> list[tuple[str, str]]:
    """Return each term with the address of the same query without it."""
    rest = ((str(term), str(search.without(term))) for term in search.terms)
    return [(words, url_for("jobs_pages.index", **query.at(q=q, sort=None, slow=None))) for words, q in rest]


def _sorts(query: PageOfJobs) -> dict[str, str]:
    """Return the addresses of the same list in the orders in which it can be, but for the one in which it is."""
    other = Order.CREATED if query.by_end else Order.ENDED
    may = other is Order.CREATED or query.ends_alike
    return {other.value: url_for("jobs_pages.index", **query.at(sort=other))} if may else {}


class Acted(NamedTuple):
    """What the button under a list does, and to how many jobs; one more than the most are counted."""

    verb: Verb
    number: int


def _acted(query: PageOfJobs, caller: Caller) -> Acted | None:
    """Return what the button does to the jobs of a list in which all have failed, or none has ended."""
    states = query.search.states
    verb = Verb.RETRY if states == {State.FAILED} else Verb.CANCEL if states and not states & ENDED else None
    if verb is None or not caller.operates:
        return None
    with transaction() as db:
        among = and_(condition(db, query.search, caller), Job.state.in_([State.FAILED] if verb is Verb.RETRY else OPEN))
        return Acted(verb, listing.count(db, query, most=MOST_JOBS + 1, among=among))


def _newer(query: PageOfJobs, found: JobPageView) -> str:
    """Return the address that says how many jobs of a filtered list are newer than its first; empty: it is none."""
    if query.cursor or not found.jobs:
        return ""
    return url_for("jobs_pages.count_newer", **query.at(first=found.jobs[0].id))


def render_newer(caller: Caller) -> str:
    """Show how many jobs of a list are newer than its first one. Raises Invalid where the query makes no sense."""
    asked, faults = valid_query(NewerQuery)
    if faults:
        raise Invalid(faults=faults)
    query = asked.asking(parse(asked.text))
    with statement_timeout(PATIENCE), transaction() as db:
        among = condition(db, query.search, caller)
        count = listing.newer(db, asked.first, among=among, most=MOST_NEWER + 1, by_end=query.by_end)
    return render_template("jobs/_newer.html", count=count, most=MOST_NEWER, address=query.at())


def first_job(written: str) -> UUID | None:
    """Read the key of the list of jobs: the newest one that is shown; none of an empty list. Raises ValueError."""
    return UUID(written) if written else None


def find_first(db: Session, first: UUID | None) -> None:
    """Find the job with which the list begins, unless it is empty. Raises NoSuchJob."""
    if first is not None:
        control.find(db, first)


@topic("jobs", key=first_job, access=Access.VIEWER, every=3, exists=find_first, may=may_listen)
def live_list(first: UUID | None) -> Fragments:
    """Show the same jobs again, each in its place, and how many are newer."""
    return _list_again(first, withheld=False)


@topic("jobs_outline", key=first_job, access=Access.VIEWER, every=3, exists=find_first)
def live_outline(first: UUID | None) -> Fragments:
    """Show the same without what the jobs were given and returned."""
    return _list_again(first, withheld=True)


def _list_again(first: UUID | None, *, withheld: bool) -> Fragments:
    query, among = PageOfJobs(q=""), not_quiet(Search())
    with transaction() as db:
        find_first(db, first)
        count = listing.newer(db, first, among=among, most=MOST_NEWER + 1)
        found = listing.page(db, query, first=first, whose=among) if first else NOTHING
        names = submitters_of(db, found.jobs)
    fragments = {"newer": render_template("jobs/_newer.html", count=count, most=MOST_NEWER, address={})}
    if first is not None:
        shown = _shown(found, query, names, withheld=withheld)
        fragments["jobs"] = render_template("jobs/_list.html", sorts=_sorts(query), **shown)
    return fragments
