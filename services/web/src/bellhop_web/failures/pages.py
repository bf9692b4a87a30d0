"""The page Why: failures and retries by their reason, and what can be done about each."""

import time
from datetime import timedelta
from typing import Any

from flask import Response, render_template, url_for
from sqlalchemy.exc import OperationalError

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.failures.grouping import group
from bellhop_web.failures.requests import SLOW, FailedState, FailureQuery, Since
from bellhop_web.failures.views import MOST_UNGROUPED, FailuresView, FailureView, none_since, without_texts
from bellhop_web.http.problems import QUERY_CANCELED
from bellhop_web.http.times import in_utc
from bellhop_web.jobs.payloads import may_listen
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site.charts import spark
from bellhop_web.site.format import plural
from bellhop_web.site.forms import valid_query
from bellhop_web.site.page import pages_blueprint, render

bp = pages_blueprint("failures", access=Access.VIEWER)
TOP = 5
"""Reasons on the dashboard."""
EVERY = 10
"""Seconds between two looks of an open page."""
FRESH = 9.0
"""Seconds for which the reasons of very many failures are shown again: less, so that each look finds new ones."""
MANY = 10_000
"""Failures of a day; to group so many takes longer than all else on the dashboard."""
WINDOWS = [(str(one), one.words + (" (slow)" if one in SLOW else "")) for one in Since]
STATES = [("", "any"), *((str(state), str(state)) for state in FailedState)]


@bp.app_template_filter()
def spark_of(failure: FailureView) -> str:
    """Draw when the jobs of a reason failed."""
    return spark(
        failure.bars, title=f"{failure.named}: when it failed", kind="failed" if failure.failed else "retrying"
    )


@bp.app_template_filter()
def query_of(failure: FailureView, found: FailuresView, query: FailureQuery) -> str:
    """Return the query that finds the failed jobs of a reason that the page counts."""
    narrowed = [f"{name}:{value}" for name, value in (("task", query.task), ("queue", query.queue)) if value]
    since = f"ended:{found.since:%Y-%m-%dT%H:%M:%SZ}.."
    return " ".join([f"reason:{failure.reason}", "state:failed", since, *narrowed])


@bp.app_template_filter()
def path_of_ungrouped(found: FailuresView) -> str:
    """Return the address of the list of the failures that have no reason."""
    assert found.ungrouped_until is not None
    span = f"{found.since:%Y-%m-%dT%H:%M:%SZ}..{in_utc(found.ungrouped_until + timedelta(microseconds=1))}"
    return url_for("jobs_pages.index", q=f"state:failed ended:{span}")


@bp.app_template_filter()
def count_of_ungrouped(found: FailuresView) -> str:
    """Write how many failures have no reason."""
    least = "At least " if found.ungrouped_count == MOST_UNGROUPED else ""
    return f"{least}{plural(found.ungrouped_count, 'failure')}"


@bp.get("")
def index() -> Response:
    """Show why jobs fail."""
    query, faults = valid_query(FailureQuery)
    withheld = not current_caller().sees_payloads
    facts = {"windows": WINDOWS, "states": STATES, "tasks": sorted(known_tasks()), "faults_found": faults}
    live = not query.model_fields_set and not faults
    return render("failures/index.html", 422 if faults else 200, live=live, **facts, **_read(query, withheld=withheld))


def _read(query: FailureQuery, *, withheld: bool) -> dict[str, Any]:
    """Read the groups; a window that takes too long to read is shown as such."""
    too_slow, found = False, none_since(clock.now())
    try:
        with transaction() as db:
            found = group(db, query)
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) != QUERY_CANCELED:
            raise
        too_slow = True
    return {
        "query": query,
        "found": without_texts(found) if withheld else found,
        "withheld": withheld,
        "slow": too_slow,
    }


@topic("failures", access=Access.VIEWER, every=EVERY, may=may_listen)
def live(_: None) -> Fragments:
    """Show the page of the last 24 hours again."""
    return _fragments(withheld=False)


@topic("failures_outline", access=Access.VIEWER, every=EVERY)
def live_outline(_: None) -> Fragments:
    """Show it again without what the jobs have said."""
    return _fragments(withheld=True)


def _fragments(*, withheld: bool) -> Fragments:
    return {"failures": render_template("failures/_groups.html", **_read(FailureQuery(), withheld=withheld))}


class _Top:
    """The reasons of the most jobs. Where very many have failed, they are read once for all who look."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._read_at = 0.0

    def facts(self) -> dict[str, Any]:
        """Return what the section shows."""
        if self._facts and time.monotonic() - self._read_at < FRESH:
            return self._facts
        facts = _read(FailureQuery(limit=TOP), withheld=False)
        very_many = facts["slow"] or facts["found"].count > MANY
        self._facts, self._read_at = facts if very_many else {}, time.monotonic()
        return facts


_top = _Top()


def top(*, withheld: bool) -> dict[str, Any]:
    """Read what the dashboard shows: the reasons of the most jobs."""
    facts = _top.facts()
    return facts | {"found": without_texts(facts["found"]), "withheld": True} if withheld else facts


@topic("why", access=Access.VIEWER, every=EVERY, may=may_listen)
def live_top(_: None) -> Fragments:
    """Show the section of the dashboard again."""
    return {"why": render_template("failures/_top.html", **top(withheld=False))}


@topic("why_outline", access=Access.VIEWER, every=EVERY)
def live_top_outline(_: None) -> Fragments:
    """Show the section again without what the jobs have said."""
    return {"why": render_template("failures/_top.html", **top(withheld=True))}
