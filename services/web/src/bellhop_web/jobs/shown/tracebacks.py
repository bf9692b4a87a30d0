"""Tracebacks for people: the frames of the body stand open, those of Bellhop and of libraries are folded."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from bellhop_web.site.format import plural

FRAME = re.compile(r'  File "(?P<path>[^"]+)", line \d+')
REPEATED = re.compile(r"  \[Previous line repeated \d+ more times?\]")
OURS = re.compile(r"[/\\](?:src|site-packages|dist-packages)[/\\]bellhop(?:_ledger|_worker|_client)?[/\\]")
LIBRARY = re.compile(r"<frozen |[/\\](?:site|dist)-packages[/\\]|[/\\]python3\.\d+[/\\]")
INSTALLED = re.compile(r".*[/\\](?:site|dist)-packages[/\\]([^/\\]+)")
BELLHOP, LIBRARIES = "Bellhop", "libraries"


@dataclass(frozen=True)
class Part:
    """Some lines of a traceback; where they are folded, `title` says what they are."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class _Block:
    """A frame with its source, or what stands between frames."""

    lines: list[str]
    path: str | None

    def owner(self, body: str) -> str:
        """Return whose frame it is; nothing for the body's and for what is none."""
        if self.path is None:
            return ""
        if OURS.search(self.path):
            return BELLHOP
        of_body = body and _package(self.path) == body
        return LIBRARIES if LIBRARY.search(self.path) and not of_body else ""


def parts_of(traceback: str) -> list[Part]:
    """Return a traceback in parts. Together their texts are the whole."""
    blocks = list(_blocks(traceback.splitlines(keepends=True)))
    body = _body_of(blocks)
    owned = [(block.owner(body), block) for block in blocks]
    return [_part(list(run)) for _, run in groupby(owned, key=lambda one: bool(one[0]))]


def _blocks(lines: Iterable[str]) -> Iterator[_Block]:
    block: _Block | None = None
    for line in lines:
        found = FRAME.match(line)
        goes_on = block and (line.startswith("    ") or REPEATED.match(line) if block.path else not found)
        if block and goes_on:
            block.lines.append(line)
            continue
        if block:
            yield block
        block = _Block([line], found["path"] if found else None)
    if block:
        yield block


def _body_of(blocks: Iterable[_Block]) -> str:
    """Return the package of the body where it is an installed one: that of the first frame which is not ours."""
    first = next((block.path for block in blocks if block.path and not OURS.search(block.path)), "")
    return _package(first)


def _package(path: str) -> str:
    found = INSTALLED.match(path)
    return found[1] if found else ""


def _part(run: list[tuple[str, _Block]]) -> Part:
    text = "".join(line for _, block in run for line in block.lines)
    owners = sorted({owner for owner, _ in run if owner})
    return Part(text, f"{plural(len(run), 'frame')} of {' and '.join(owners)}" if owners else "")
