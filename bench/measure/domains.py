"""Domains: in how many folders the code of each one lies.

A domain's folder holds all of it, whatever its own folders are called. A room that is named after a domain, as a
plug-in is, is such a folder. What lies in the folder of another domain belongs to that one, whatever words are in its
name. Migrations do not count. The command `bellhop` stands on the client as a service stands on the engine, to which
import-linter holds it, so it is a room of its own, though it comes with the same wheel.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
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
COMMAND = "command"


def folders() -> Iterator[Figure]:
    """Count for each domain the folders of the room that has the most."""
    for domain in WORDS:
        homes = {room: homes_in(room, domain) for room in rooms()}
        worst = max(homes, key=lambda room: len(homes[room]))
        names = sorted(f"{(worst.source / home).name}/" for home in homes[worst])
        detail = f"{sum(map(len, homes.values()))} in all; {worst.name}: {', '.join(names)}"
        yield Figure(f"folders of {domain} in one room", len(homes[worst]), 1, detail)


def homes_in(room: Room, domain: str) -> set[Path]:
    """Return the folders in which a room keeps what has one of the domain's words in its name."""
    if named_after(room.name):
        return {Path()} if domain in named_after(room.name) else set()
    paths = [path.relative_to(room.source) for path in files_below(room.source)]
    command = [path for path in paths if path.parts[0] == COMMAND]
    return max(_homes(set(paths) - set(command), domain), _homes(command, domain), key=len)


def _homes(paths: Iterable[Path], domain: str) -> set[Path]:
    homes = {_home(path, domain) for path in paths if not ELSEWHERE & set(path.parts)}
    return {home for home in homes if home is not None}


def named_after(name: str) -> set[str]:
    """Return the domains of which a word is in this name."""
    parts = set(re.split(r"[_.-]", name))
    return {domain for domain, words in WORDS.items() if words & parts}


def _home(path: Path, domain: str) -> Path | None:
    """Return the outermost folder that is named after a domain, if that is this one, else the folder of such a file."""
    for folder in reversed(path.parents):
        if domains := named_after(folder.name):
            return folder if domain in domains else None
    return path.parent if domain in named_after(path.name) else None
