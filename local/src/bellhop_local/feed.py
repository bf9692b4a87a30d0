"""The games and prices of a local stack, where the checkout has that workload: a file that a developer may edit."""

from pathlib import Path

from bellhop_local.files import write_private
from bellhop_local.settings import ROOT, LocalSettings

SAMPLE = ROOT / "workloads" / "prices" / "feed" / "feed.json"
VARIABLE = "PRICES_FEED_URL"


def prices_feed(settings: LocalSettings) -> dict[str, str]:
    """Return the variable that names the feed: the given one, or a copy of the sample, made the first time."""
    if settings.feed_url:
        return {VARIABLE: settings.feed_url}
    return {VARIABLE: str(_copy_of_sample(settings.directory))} if SAMPLE.exists() else {}


def _copy_of_sample(directory: Path) -> Path:
    path = directory / "feed.json"
    if not path.exists():
        write_private(path, SAMPLE.read_text(encoding="utf-8"))
    return path
