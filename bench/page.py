"""The page: tables in Markdown, written into docs/benchmarks.md between the marks of their benchmarks."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import schedules, waiting
from bench.figures import Figures
from bench.schedulers import BELLHOP, PEERS

UNITS = (
    (schedules.START, "start to first run", "{:.1f} s"),
    (schedules.IDLE, "idle, of a core", "{:.1f} %"),
    (schedules.IDLE_ALL, "idle, with Postgres and Redis", "{:.1f} %"),
    (schedules.ALONE, "one due, median", "{:,.0f} ms"),
    (schedules.ALONE_SLOWEST, "one due, slowest of 20", "{:,.0f} ms"),
    (schedules.TOGETHER_50, "many due, median", "{:,.0f} ms"),
    (schedules.TOGETHER_99, "many due, 99th percentile", "{:,.0f} ms"),
    (waiting.SUBMITTED, "2,000 others accepted in one request", "{:,.0f} jobs/s"),
    (waiting.DRAINED, "and worked off, one a message", "{:,.0f} jobs/s"),
)
RATIO_FROM = 0.5
"""Of a unit: below this nothing is compared, for a clock tick more or less would be a factor."""


def write(page: Path, report: Mapping[str, Figures], machine: Mapping[str, object]) -> None:
    """Fill the marked places of these benchmarks. Raises ValueError when a page has none for one of them."""
    text = page.read_text()
    for name, figures in report.items():
        text = filled(text, name, "\n".join([*lines(figures), "", describe(machine)]))
    page.write_text(text)


def filled(text: str, name: str, table: str) -> str:
    """Put a table between two marks."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- end of bench:{name} -->"
    if begin not in text or end not in text:
        raise ValueError(f"the page has no place for {name}: {begin} and {end}")
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n\n{table}\n\n{end}", text, flags=re.DOTALL)


def lines(figures: Figures) -> Iterator[str]:
    """Yield the tables of a benchmark."""
    if {unit for _, unit in figures.values} & {unit for unit, *_ in UNITS}:
        yield from by_size(figures)
        return
    for names, units in groups(figures):
        yield from (*by_contender(figures, names, units), "")
    if figures.claims:
        yield from ratios(figures)
    for name, why in figures.left_out.items():
        yield from ("", f"Left out: {name}, as {why}.")


def groups(figures: Figures) -> list[tuple[list[str], list[str]]]:
    """Return the contenders that are measured in the same units, and these units: each group has a table."""
    found: list[tuple[list[str], list[str]]] = []
    for name, unit in figures.values:
        place = next((group for group in found if name in group[0] or unit in group[1]), None)
        if place is None:
            found.append(place := ([], []))
        names, units = place
        names.extend([name] * (name not in names))
        units.extend([unit] * (unit not in units))
    return found


def by_contender(figures: Figures, names: list[str], units: list[str]) -> Iterator[str]:
    """Yield a table with a row for each contender and a column for each unit, medians of all rounds."""
    yield f"| | {' | '.join(units)} |"
    yield f"|---|{'---|' * len(units)}"
    for name in names:
        cells = [cell(figures, name, figures.base, unit, form_of(figures, name, unit)) for unit in units]
        yield f"| {name} | {' | '.join(cells)} |"


def form_of(figures: Figures, contender: str, unit: str) -> str:
    """Return how a value is written: small ones with a digit more."""
    return "{:,.0f}" if figures.values.get((contender, unit)) and figures.median(contender, unit) >= 100 else "{:,.1f}"


def ratios(figures: Figures) -> Iterator[str]:
    """Yield the table of what can be said, and the aims."""
    yield "| | | aim | |"
    yield "|---|---|---|---|"
    for claim in figures.claims:
        aim = f"≥ {claim.at_least:g}" if claim.at_least is not None else ""
        aim = f"≤ {claim.at_most:g}" if claim.at_most is not None else aim
        met = {True: "met", False: "missed", None: ""}[claim.met]
        yield f"| {claim.text} | {claim.value:,.2f} {claim.unit} | {aim} | {met} |"


def by_size(figures: Figures) -> Iterator[str]:
    """Yield a table: what was measured with how many, and a column for each contender."""
    contenders = [contender.rpartition(", ") for contender in dict.fromkeys(name for name, _ in figures.values)]
    sizes = list(dict.fromkeys(size for *_, size in contenders))
    known = [BELLHOP, *(one.name for one in PEERS)]
    names = [name for name in known if any(name == contender for contender, *_ in contenders)]
    yield f"| | | {' | '.join(names)} |"
    yield f"|---|---|{'---|' * len(names)}"
    for size in sizes:
        for unit, label, form in UNITS:
            cells = [cell(figures, f"{name}, {size}", f"{BELLHOP}, {size}", unit, form) for name in names]
            if any(cells):
                yield f"| {size} | {label} | {' | '.join(cells)} |"


def cell(figures: Figures, contender: str, base: str, unit: str, form: str) -> str:
    """Return a value and how many times Bellhop's it is, or why there is none."""
    if (contender, unit) in figures.remarks:
        return figures.remarks[contender, unit]
    if (contender, unit) not in figures.values:
        return ""
    value = form.format(figures.median(contender, unit))
    if contender == base or (base, unit) not in figures.values:
        return value
    if min(figures.median(contender, unit), figures.median(base, unit)) < RATIO_FROM:
        return value
    ratio = figures.ratio(contender, base, unit)
    return f"{value} ({ratio:,.0f} x)" if ratio >= 10 else f"{value} ({ratio:.2g} x)"


def describe(machine: Mapping[str, object]) -> str:
    """Return in a line on what it was measured."""
    postgres, valkey = machine["postgres"], machine["valkey"]
    assert isinstance(postgres, dict)
    assert isinstance(valkey, dict)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory GB']} GB, {machine['system']}, Python {machine['python']}, "
        f"PostgreSQL {postgres['server_version']}, Valkey {valkey['version']}; load before: {machine['load before']}."
    )
