"""A figure: what was counted, and what it should be."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number; without an aim it is only for comparing."""

    name: str
    value: float | None
    """None: it could not be measured here."""
    at_most: float | None = None
    detail: str = ""

    @property
    def missed(self) -> bool:
        """Whether the aim is not reached."""
        return self.at_most is not None and self.value is not None and self.value > self.at_most

    def row(self) -> str:
        """Return the line of the table."""
        value = "?" if self.value is None else f"{self.value:,g}"
        aim = "" if self.at_most is None else f"{self.at_most:,g}"
        verdict = "" if self.at_most is None or self.value is None else "MISSED" if self.missed else "ok"
        return f"  {self.name:<58} {value:>8} {aim:>8}  {verdict:<6}  {self.detail}".rstrip()


def show(title: str, figures: Iterable[Figure]) -> list[Figure]:
    """Print a table and return its figures."""
    shown = list(figures)
    print(f"\n{title}")
    for figure in shown:
        print(figure.row())
    return shown
