"""The fetches' pages: paste addresses, and watch them come back."""

from typing import Any
from uuid import UUID

from flask import Response, render_template
from markupsafe import Markup
from pydantic import BaseModel, Field, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Fault, Invalid
from bellhop_fetches.web.api import FetchRequest, begin
from bellhop_fetches.web.summary import FetchState, FetchView, NoSuchFetch, PageView, history, is_for, read
from bellhop_ledger.api import State, clock, transaction
from bellhop_web.plugin import (
    Access,
    Bar,
    Origin,
    Span,
    SubmitHeaders,
    bar_chart,
    faults_of,
    find_caller,
    format_bytes,
    format_duration,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    topic,
    waterfall,
)

bp = pages_blueprint("fetches", access=Access.USER, public=("index",))


class UrlsForm(BaseModel):
    """Addresses, one on a line."""

    urls: str = Field(max_length=250_000)


@bp.get("")
def index() -> Response:
    """Show the form and what was fetched before."""
    viewer = find_caller()
    with transaction() as db:
        fetches = history(db, viewer) if viewer else []
    return render("fetches/index.html", fetches=fetches)


@bp.post("")
@show_again(index)
def submit() -> AnyResponse:
    """Begin to fetch."""
    id = begin(urls_of(read_form(UrlsForm).urls), Origin.of(SubmitHeaders()))
    return see_other("fetches_pages.show", fetch_id=id)


@bp.get("/<uuid:fetch_id>")
def show(fetch_id: UUID) -> Response:
    """Show one fetch, as its pages come back."""
    if not is_for(find_caller(), fetch_id):
        raise NoSuchFetch
    return render("fetches/show.html", **facts_of(read(fetch_id)))


@topic("fetch", key=UUID, access=Access.USER, every=0.7, may=is_for)
def changed(fetch_id: UUID) -> dict[str, str]:
    """Render what has come back."""
    return {"fetch": render_template("fetches/_fetch.html", **facts_of(read(fetch_id)))}


def urls_of(text: str) -> list[str]:
    """Take the addresses that are not empty. Raises Invalid, which names the line."""
    urls = [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return FetchRequest(urls=urls).urls
    except ValidationError as error:
        raise Invalid(faults=[in_pasted_text(fault, urls) for fault in faults_of(error)]) from None


def in_pasted_text(fault: Fault, urls: list[str]) -> Fault:
    """Return a fault of the list as one of the text that was pasted."""
    _, _, place = fault.field.partition(".")
    if place.isdigit():
        return Fault("urls", f"{urls[int(place)][:60]!r} must begin with http:// or https:// and have no spaces")
    return Fault("urls", "must be 1 to 100 addresses")


def facts_of(fetch: FetchView) -> dict[str, Any]:
    """Return what the templates show of a fetch."""
    began = min((page.started_at for page in fetch.pages if page.started_at), default=None)
    now = (clock.now() - began).total_seconds() if began and fetch.state is FetchState.RUNNING else None
    done = sum(page.state.ended for page in fetch.pages)
    charts = {"waterfall": chart_of(fetch, now), "comparison": comparison_of(fetch)}
    return {"fetch": fetch, "done": done, "kind_of": kind_of, **charts}


def chart_of(fetch: FetchView, now: float | None) -> Markup:
    """Draw when each page was fetched."""
    starts = [page.started_at for page in fetch.pages if page.started_at]
    spans = [
        span_of(page, (page.started_at - min(starts)).total_seconds() if page.started_at else None)
        for page in fetch.pages
    ]
    return waterfall(spans, title="When each address was fetched", now=now)


def span_of(page: PageView, start: float | None) -> Span:
    """Draw one page; one that waits for another attempt is shown as it waits."""
    ended = page.finished_at if page.state.ended and page.started_at else None
    end = start + (ended - page.started_at).total_seconds() if ended and page.started_at and start is not None else None
    began = start if page.state.ended or page.state is State.RUNNING else None
    return Span(page.url.partition("://")[2], began, end, kind=kind_of(page), words=words_of(page))


def kind_of(page: PageView) -> str:
    """Return how a page stands for who asked for it: one that was answered with an error has failed."""
    if page.next_attempt_at:
        return "retrying"
    return "failed" if page.ok is False and page.state is State.SUCCEEDED else page.state.value


def words_of(page: PageView) -> str:
    """Return in short what came back."""
    if page.status is None:
        return kind_of(page)
    return f"{page.status}, {format_bytes(page.bytes)}, {format_duration(page.seconds)}"


def comparison_of(fetch: FetchView) -> Markup:
    """Draw how long it took beside how long it would have taken."""
    if fetch.total_seconds is None or fetch.sum_seconds is None:
        return Markup("")
    bars = [Bar("All at once", fetch.total_seconds, "succeeded"), Bar("One after another", fetch.sum_seconds, "queued")]
    return bar_chart(bars, title="How long it took", words=format_duration)
