"""Live views with a number, which move each second."""

from datetime import UTC, datetime

from bellhop_web.plugin import Access, pages_blueprint, topic

bp = pages_blueprint("test", access=Access.PUBLIC)
FEW = 10


@topic("test", key=int, access=Access.PUBLIC, every=1, may=lambda caller, number: 0 < number <= FEW)
def moved(number: int) -> dict[str, str]:
    """Show the time."""
    return {"test": f"{number}: {datetime.now(UTC).isoformat()}"}
