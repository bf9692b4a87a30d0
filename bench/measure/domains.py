"""Domains: in how many folders the code of each one lies."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.measure.figure import Figure
from bench.measure.rooms import Room, files_below, rooms

WORDS: Mapping[str, frozenset[str]] = {
    "polls": frozenset({"poll", "polls", "vote", "votes"}),
    "prices": frozenset({"price", "prices", "watch", "watches", "game", "games", "steam"}),
    "products": frozenset({"product", "products"}),
    "timer": frozenset({"timer", "timers"}),
    "fetches": frozenset({"fetch", "fetches"}),
    "schedules": frozenset({"schedule", "schedules"}),
    "accounts": frozenset({"account", "accounts"}),
    "mails": frozenset({"mail", "mails"}),
}
"""Words in the name of a file or folder that say to which domain it belongs."""
ELSEWHERE = frozenset({"migrations", "versions"})


def folders() -> Iterator[Figure]:
    """Count for each domain the folders of the room that has the most."""
    for domain, words in WORDS.items():
        homes = {room: homes_in(room, words) for room in rooms()}
        worst = max(homes, key=lambda room: len(homes[room]))
        names = sorted(f"{(worst.source / home).name}/" for home in homes[worst])
        detail = f"{sum(map(len, homes.values()))} in all; {worst.name}: {', '.join(names)}"
        yield Figure(f"folders of {domain} in one room", len(homes[worst]), 1, detail)


def homes_in(room: Room, words: frozenset[str]) -> set[Path]:
    """Return the folders in which a room keeps what has one of these words in its name."""
    paths = (path.relative_to(room.source).parts for path in files_below(room.source))
    homes = {_home(parts, words) for parts in paths if not ELSEWHERE & set(parts)}
    return {home for home in homes if home is not None}


def _home(parts: tuple[str, ...], words: frozenset[str]) -> Path | None:
    """Return the outermost folder that is named after the domain, else the one that holds such a file."""
    for depth, part in enumerate(parts):
        if words & set(re.split(r"[_.-]", part)):
            is_file = depth == len(parts) - 1
            return Path(*parts[:depth]) if is_file else Path(*parts[: depth + 1])
    return None
