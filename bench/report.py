"""The report: ratios first, then the figures, as tables and as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.figures import Claim, Figures

Report = Mapping[str, Figures]


def show(report: Report, machine: Mapping[str, object]) -> None:
    """Print the tables."""
    console = Console()
    console.print(_claims(report), _figures(report))
    console.print(", ".join(f"{name}: {fact}" for name, fact in machine.items()), style="dim")


def write(report: Report, machine: Mapping[str, object], path: Path) -> None:
    """Write all of it, each round too, to a JSON file."""
    benchmarks = {name: _as_json(figures) for name, figures in report.items()}
    path.write_text(json.dumps({"machine": machine, "benchmarks": benchmarks}, indent=2) + "\n")


def _as_json(figures: Figures) -> dict[str, object]:
    return {
        "title": figures.title,
        "left out": figures.left_out,
        "ratios": [{**vars(claim), "met": claim.met} for claim in figures.claims],
        "rounds": [
            {"contender": contender, "unit": unit, "median": median(values), "values": values}
            for (contender, unit), values in figures.values.items()
        ],
    }


def _claims(report: Report) -> Table:
    table = Table("", "Bellhop", "aim", "", title="Ratios", title_justify="left")
    for figures in report.values():
        table.add_section()
        table.add_row(f"[bold]{figures.title}")
        for claim in figures.claims:
            table.add_row(f"  {claim.text}", f"{claim.value:,.2f} {claim.unit}", _aim(claim), _verdict(claim))
    return table


def _aim(claim: Claim) -> str:
    if claim.at_least is not None:
        return f"≥ {claim.at_least:g} {claim.unit}"
    return f"≤ {claim.at_most:g} {claim.unit}" if claim.at_most is not None else ""


def _verdict(claim: Claim) -> str:
    return {True: "[green]met", False: "[red]missed", None: ""}[claim.met]


def _figures(report: Report) -> Table:
    table = Table("", "unit", "median", "rounds", title="Figures", title_justify="left")
    for figures in report.values():
        table.add_section()
        table.add_row(f"[bold]{figures.title}")
        for (contender, unit), values in figures.values.items():
            rounds = " ".join(f"{value:,.1f}" for value in values)
            table.add_row(f"  {contender}", unit, f"{median(values):,.1f}", rounds)
        for contender, why in figures.left_out.items():
            table.add_row(f"  {contender}", "left out", "", why)
    return table
