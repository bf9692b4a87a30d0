"""The feed of games and prices: a file that the demo edits as a person would."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bellhop_demo.errors import DemoError

GAME = "bellhop-demo"
"""The id, in the feed, of the game that is there while the demo runs."""
NAME = "Bellhop: The Last Night Shift"


class Feed:
    """The file that PRICES_FEED_URL names."""

    def __init__(self, feed_url: str) -> None:
        if not feed_url or feed_url.startswith(("http://", "https://")):
            raise DemoError(f"PRICES_FEED_URL must be a file, for the demo lowers a price in it, not '{feed_url}'")
        self._path = Path(feed_url.removeprefix("file://"))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Leave the file after the block as it was before it."""
        before = self._read()
        try:
            yield
        finally:
            self._write(before)

    def offer(self, price: str, currency: str) -> None:
        """Put the game into the feed at this price."""
        feed = json.loads(self._read())
        others = [game for game in feed["games"] if game["id"] != GAME]
        ours: dict[str, Any] = {"id": GAME, "name": NAME, "price": price, "currency": currency}
        self._write(json.dumps({**feed, "games": [*others, ours]}, indent=2).encode())

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise DemoError(f"PRICES_FEED_URL: cannot read {self._path}: {error.strerror}") from error

    def _write(self, content: bytes) -> None:
        """Replace it whole: nobody may read half of it."""
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            new.write_bytes(content)
            os.replace(new, self._path)
        except OSError as error:
            raise DemoError(f"PRICES_FEED_URL: cannot write {self._path}: {error.strerror}") from error
