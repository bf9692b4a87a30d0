"""Turns: rendering is shared out evenly among viewers, however many topics each of them has."""

from collections.abc import Collection


class Turns:
    """How much of the renderer's time each viewer has had. Not safe for threads by itself."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._spent: dict[str, float] = {}

    def join(self, viewer: str) -> None:
        """Count one more that a viewer listens to. A new viewer has had as little as whoever has had the least."""
        if viewer not in self._open:
            self._spent[viewer] = min(self._spent.values(), default=0.0)
        self._open[viewer] = self._open.get(viewer, 0) + 1

    def leave(self, viewer: str) -> None:
        """Count one less."""
        self._open[viewer] -= 1
        if not self._open[viewer]:
            del self._open[viewer], self._spent[viewer]

    def charge(self, viewers: Collection[str], seconds: float) -> None:
        """Divide what something took among those for whom it was done and who are still there."""
        for viewer in viewers:
            if viewer in self._spent:
                self._spent[viewer] += seconds / len(viewers)

    def had(self, viewers: Collection[str]) -> float:
        """Return what the one of these viewers has had who has had the least: it is this one's turn."""
        return min((self._spent[viewer] for viewer in viewers), default=0.0)
