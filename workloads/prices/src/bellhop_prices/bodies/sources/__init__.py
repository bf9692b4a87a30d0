"""Where games and prices come from: the sources, behind one small interface."""

from bellhop_prices.bodies.sources.feed import Feed
from bellhop_prices.bodies.sources.nothing import Nothing
from bellhop_prices.bodies.sources.source import CataloguePage, Entry, Quote, Source
from bellhop_prices.bodies.sources.steam import Steam
from bellhop_prices.settings import PricesSettings, PricesSource
from bellhop_worker.plugin import CallBudget, TooSoon

__all__ = ["CataloguePage", "Entry", "Quote", "Source", "TooSoon", "open_source"]


def open_source(settings: PricesSettings) -> Source:
    """Return the source that the settings name."""
    match settings.source:
        case PricesSource.STEAM:
            return Steam(
                settings, CallBudget("steam", most=settings.steam_calls, seconds=settings.steam_window_seconds)
            )
        case PricesSource.FEED:
            return Feed(settings)
        case PricesSource.NONE:
            return Nothing()
