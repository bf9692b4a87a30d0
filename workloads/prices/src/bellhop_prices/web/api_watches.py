"""Routes of /api/prices/watches and /api/prices/alerts: your own."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.api import transaction
from bellhop_prices.web import watches
from bellhop_prices.web.watches import AlertsView, NewWatch, Threshold, WatchesView, WatchView
from bellhop_web.plugin import Access, Parameters, answers, blueprint, current_user_id, respond

bp = blueprint("watches", "/api/prices", tag="prices", access=Access.USER)


class WatchPath(Parameters):
    """Which watch."""

    watch_id: UUID = Field(description="The watch's `id`")


@bp.post("/watches", responses=answers(201, WatchView, 400, 404, 409, 413, 415))
def create_watch(body: NewWatch) -> Response:
    """Watch a game: one mail when its price comes down to the threshold or below.

    After that mail there is none until the price has been above the threshold. A price that is
    at the threshold or below already is told at the next check, which comes every minute. Watch
    a game once; `currency` must be that of its price, and is needed only before one is known.
    """
    with transaction() as db:
        watch = watches.open_watch(db, current_user_id(), body)
    return respond(watch, 201)


@bp.get("/watches", responses=answers(200, WatchesView))
def list_watches() -> Response:
    """List your watches, the latest first."""
    with transaction() as db:
        found = watches.watches_of(db, current_user_id())
    return respond(WatchesView(watches=found))


@bp.patch("/watches/<watch_id>", responses=answers(200, WatchView, 400, 404, 413, 415))
def change_watch(path: WatchPath, body: Threshold) -> Response:
    """Set another threshold.

    If you were told of the present price already, you are told again only when it has been above
    the new threshold, or is so now.
    """
    with transaction() as db:
        watch = watches.change_watch(db, current_user_id(), path.watch_id, body)
    return respond(watch)


@bp.delete("/watches/<watch_id>", responses=answers(204, None, 404))
def delete_watch(path: WatchPath) -> Response:
    """Stop watching a game; its alerts stay."""
    with transaction() as db:
        watches.end_watch(db, current_user_id(), path.watch_id)
    return Response(status=204)


@bp.get("/alerts", responses=answers(200, AlertsView))
def list_alerts() -> Response:
    """List the last 100 mails that told you of a price, the latest first."""
    with transaction() as db:
        found = watches.alerts_of(db, current_user_id())
    return respond(AlertsView(alerts=list(found)))
