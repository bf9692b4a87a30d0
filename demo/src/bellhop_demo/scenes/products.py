"""A catalogue that comes in as a CSV file, all of it or nothing, and goes out as one."""

import csv
import io
import time
from typing import Any

from bellhop_demo.client import ENDED, Bellhop
from bellhop_demo.polling import poll_until
from bellhop_demo.stage import Stage

ROWS = 20_000
PREFIX = "DEMO-"
"""Of the products' SKUs: the next demo changes these products and adds none."""
BAD_LINE = ROWS // 2
PART = 1000
"""Bytes of the export that are fetched alone."""


def show_products(bellhop: Bellhop, stage: Stage) -> list[str]:
    """Refuse a file with a bad row, import a good one, and find it again in the export."""
    stage.scene(f"A file of {ROWS:,} products comes in, and goes out again")
    cents = int(time.time()) % 1_000_000
    faults = _bad(_imported(bellhop, stage, "with a bad row", _file(cents + 1, bad=True)))
    faults += _good(_imported(bellhop, stage, "as it should be", _file(cents)))
    faults += _exported(bellhop, stage, cents)
    if not faults:
        stage.verdict(f"the bad row was named by its line, {BAD_LINE}, and nothing of that file was taken", good=True)
        stage.verdict(f"all {ROWS:,} products are in the export, at the new price", good=True)
    return faults


def _file(cents: int, *, bad: bool = False) -> bytes:
    lines = [f"{PREFIX}{number:05},Tea no. {number},{_price(cents)},EUR" for number in range(ROWS)]
    if bad:
        lines[BAD_LINE - 2] = f"{PREFIX}bad,A tea that costs less than nothing,-1.00,EUR"  # the header is line 1
    return "\n".join(["sku,name,price,currency", *lines, ""]).encode()


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _imported(bellhop: Bellhop, stage: Stage, name: str, file: bytes) -> dict[str, Any]:
    id = bellhop.upload("/api/imports", file, "text/csv", name=f"demo {name}.csv")["id"]
    return _ended(bellhop, stage, f"/api/imports/{id}", f"import {name}")


def _ended(bellhop: Bellhop, stage: Stage, path: str, name: str) -> dict[str, Any]:
    with stage.bars() as bars:

        def show(seen: dict[str, Any]) -> None:
            progress, ended = seen["progress"] or {}, seen["state"] in ENDED
            total = progress.get("total") or 1
            note = seen["state"] if ended else progress.get("message") or seen["state"]
            bars.show(name, total if ended else progress.get("current") or 0, total, note)

        return poll_until(lambda: bellhop.get(path), lambda seen: seen["state"] in ENDED, show)


def _bad(found: dict[str, Any]) -> list[str]:
    report = found["report"] or {}
    lines = [row["line"] for row in report.get("bad_rows", [])]
    if found["state"] == "failed" and not report.get("imported") and lines == [BAD_LINE]:
        return []
    return [f"an import with a bad line {BAD_LINE} is {found['state']} and says {report}"]


def _good(found: dict[str, Any]) -> list[str]:
    report = found["report"] or {}
    taken = sum(report.get(kind, 0) for kind in ("created", "updated", "unchanged"))
    if found["state"] == "succeeded" and taken == ROWS:
        return []
    return [f"an import of {ROWS} products is {found['state']} and says {report}: {found['error']}"]


def _exported(bellhop: Bellhop, stage: Stage, cents: int) -> list[str]:
    path = f"/api/exports/{bellhop.post('/api/exports')['id']}"
    found = _ended(bellhop, stage, path, "export")
    if found["state"] != "succeeded":
        return [f"the export is {found['state']}: {found['error']}"]
    file = bellhop.file(f"{path}/file").content
    rows = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    right = sum(row["sku"].startswith(PREFIX) and row["price"] == _price(cents) for row in rows)
    faults = [] if right == ROWS else [f"the export has {right} products of the import at its price, not {ROWS}"]
    if bellhop.part(f"{path}/file", PART, 2 * PART - 1).content != file[PART : 2 * PART]:
        faults.append("a part of the export is not that part of the file")
    return faults
