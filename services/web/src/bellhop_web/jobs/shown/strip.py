"""The strip: the time bar of a list of jobs, low and alone, whose bars narrow the list to what ended then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask
from flask import url_for
from markupsafe import Markup
from sqlalchemy import text
from werkzeug.utils import cached_property

from bellhop_ledger.accounts.patterns import EVERY
from bellhop_ledger.ledger.counting import counts
from bellhop_ledger.ledger.counting.counts import Counted, Wanted
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.times import in_utc
from bellhop_web.search import Search
from bellhop_web.search.moments import span_of
from bellhop_web.search.terms import Term
from bellhop_web.timeline import windows
from bellhop_web.timeline.bar import LABELS, Bar, Moment, in_order
from bellhop_web.timeline.plots import band
from bellhop_web.timeline.windows import OWN

OF_TIME = frozenset({"since", "until", "created", "ended"})
"""Terms in whose place the time of a bar comes."""


@dataclass(frozen=True, kw_only=True)
class Strip(Bar):
    """The time bar of the list that a query finds. It counts the jobs of the query's task and queue, or all."""

    search: Search

    @property
    def is_asked_for(self) -> bool:
        """Whether the address of the page names what it shows."""
        return not flask.request.args.keys().isdisjoint(OWN)

    @cached_property
    def total(self) -> Counted:
        """All bars together."""
        return counts.together([one.counted for one in self.moments])

    @property
    def label(self) -> str:
        """The name of the window, or nothing where it has none."""
        return LABELS.get(self.window.range, "") if self.window.range else ""

    @property
    def whose(self) -> str:
        """Whose jobs are counted, for people."""
        named = [f"{kind} {name}" for kind, name in (("task", self.task), ("queue", self.queue)) if name]
        return f"of {' and '.join(named)}" if named else "of all tasks but quiet ones"

    @property
    def counts_more(self) -> bool:
        """Whether the query leaves jobs out that are counted here."""
        counted = OF_TIME | {name for name in ("task", "queue") if getattr(self, name)}
        return any(term.name not in counted for term in self.search.terms)

    @cached_property
    def behind(self) -> Markup:
        """What the query has chosen of this time, as it stands behind the bars."""
        term = next(self.search.named("ended"), None)
        begin, end = span_of(term.texts[0], clock.now()) if term else (None, None)
        since, until = (
            max(begin or self.window.since, self.window.since),
            min(end or self.window.until, self.window.until),
        )
        if term is None or since >= until:
            return Markup("")
        start, width = self.window.since, self.window.width
        return band((since - start) / width, (until - start) / width, "chosen")

    def leads_to(self, one: Moment) -> str | None:
        """Return the address of the same list, but only of what ended then; nothing where nothing did."""
        return self.narrowed(one.start, one.end) if one.counted.ended else None

    def narrowed(self, since: datetime, until: datetime) -> str:
        """Return the address of the same list, but only of what ended in a stretch of time."""
        kept = [str(term) for term in self.search.terms if self._fits_ends(term)]
        return url_for("jobs_pages.index", q=" ".join([*kept, f"ended:{in_utc(since)}..{in_utc(until)}"]), **self._own)

    def _fits_ends(self, term: Term) -> bool:
        return term.name not in OF_TIME and (term.name != "state" or term.negated or self.search.of_ends)

    @property
    def _own(self) -> Mapping[str, Any]:
        """What an address must say so that it shows this window again."""
        asked = {name: flask.request.args[name] for name in OWN if name in flask.request.args}
        return asked or {"range": str(self.window.range)}


def of_list(search: Search) -> Strip:
    """Return the strip above the list that a query finds, from counts alone. The database may take 2 s."""
    window, faults = windows.asked()
    task, queue = _only(search, "task"), _only(search, "queue")
    wanted = Wanted(window.step, window.since, window.until, task, queue, () if task else known_tasks().quiet)
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '2s'"))
        found, how_far = counts.by_bar(db, wanted, window.width, times=None), counts.progress(db)
    since, until = (how_far.since, how_far.counted_until) if how_far else (None, None)
    return Strip(window, task, queue, in_order(wanted, window, found), {}, since, until, faults=faults, search=search)


def _only(search: Search, name: str) -> str | None:
    """Return the one value that a query names, where it names one and no pattern."""
    texts = [text for term in search.named(name) if not term.negated for text in term.texts]
    return texts[0] if len(texts) == 1 and EVERY not in texts[0] else None
