"""What operators can do about prices: look at them now, and read the catalogue now."""

from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.api import submit, transaction
from bellhop_prices.tasks import check_prices, refresh_catalogue
from bellhop_web.plugin import flash, note_act, pages_blueprint, see_other

bp = pages_blueprint("price_runs", "/prices")


@bp.post("/check")
def check() -> AnyResponse:
    """Submit a check of the prices of all watched games."""
    with transaction() as db:
        note_act(db, "prices.checked", "job", submit(db, check_prices).id)
    flash("The prices of all watched games are being looked at.")
    return see_other("prices_pages.index")


@bp.post("/refresh")
def refresh() -> AnyResponse:
    """Submit a refresh of the catalogue."""
    with transaction() as db:
        note_act(db, "games.refreshed", "job", submit(db, refresh_catalogue).id)
    flash("The catalogue of games is being read.")
    return see_other("prices_pages.index")
