"""The games and prices of a local stack: a file that a developer may edit."""

from pathlib import Path

from bellhop_local.files import write_private
from bellhop_local.settings import ROOT

SAMPLE = ROOT / "workloads" / "prices" / "feed" / "feed.json"


def sample_feed(directory: Path) -> Path:
    """Return the feed in this directory; the sample of the checkout, if it has prices, is copied the first time."""
    path = directory / "feed.json"
    if SAMPLE.exists() and not path.exists():
        write_private(path, SAMPLE.read_text(encoding="utf-8"))
    return path
