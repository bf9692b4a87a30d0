"""The source `none`: no games and no prices, for an installation that wants neither."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bellhop_prices.bodies.sources.source import CataloguePage, Quote, Skipped


class Nothing:
    """Has no games."""

    name = "none"
    batch = 1
    freshness = 0.0
    skipped = Skipped()

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        """Yield one page without games."""
        yield CataloguePage([], None, 0)

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        """Know none."""
        return []
