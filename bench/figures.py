"""Figures: what was measured in each round, and what is said of it."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    jobs: int = 10_000
    rounds: int = 3
    seconds: float = 5.0
    """Length of a load on a web server."""
    sequence: int = 200
    """Jobs one after another, 20 a second."""
    stored: tuple[int, ...] = (100, 10_000, 100_000)
    """Schedules of a scheduler."""
    waiting: int = 1_000_000
    """Jobs that wait for a later date."""
    ended: int = 10_000_000
    """Jobs that ended in the past."""


QUICK = Plan(jobs=1_000, rounds=1, seconds=2.0, sequence=40, stored=(100, 2_000), waiting=10_000, ended=20_000)


@dataclass(frozen=True)
class Claim:
    """One thing that can be said, and the aim it is held against."""

    text: str
    value: float
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim was reached; nothing where there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.value <= self.at_most if self.at_most is not None else None


class Figures:
    """The figures of one benchmark: a value a round for each contender and unit."""

    def __init__(self, title: str):
        self.title = title
        self.values: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.claims: list[Claim] = []
        self.remarks: dict[tuple[str, str], str] = {}
        """What is said where there is no value."""
        self.base = ""
        """The contender beside which the page sets all others."""
        self.left_out: dict[str, str] = {}
        """Who could not take part, and why."""

    def add(self, contender: str, unit: str, value: float) -> None:
        """Note the value of one round."""
        self.values[contender, unit].append(value)

    def remark(self, contender: str, unit: str, text: str) -> None:
        """Return why there is no value."""
        self.remarks[contender, unit] = text

    def median(self, contender: str, unit: str) -> float:
        """Return the middle of all rounds."""
        return median(self.values[contender, unit])

    def ratio(self, contender: str, base: str, unit: str) -> float:
        """Compare two contenders round by round, for only neighbours in time can be compared, and give the middle."""
        pairs = zip(self.values[contender, unit], self.values[base, unit], strict=False)
        return median(one / other for one, other in pairs)

    def claim(self, text: str, contender: str, base: str, unit: str, *, at_least: float | None = None) -> None:
        """Return how many times as much one contender does as the other."""
        self.claims.append(Claim(text, self.ratio(contender, base, unit), at_least=at_least))
