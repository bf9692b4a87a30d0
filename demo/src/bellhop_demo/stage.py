"""What the audience sees: bars that move on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn


class Bars(Protocol):
    """Some bars, each with a name, shown while a block runs."""

    def show(self, name: str, done: float, total: float, note: str = "") -> None:
        """Let the bar of that name stand at `done` of `total`."""


class MovingBars:
    """Bars on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, name: str, done: float, total: float, note: str = "") -> None:
        """Move the bar."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, note=note)
        self._progress.update(self._tasks[name], completed=done, total=total, note=note)


class Lines:
    """A line whenever a bar stands somewhere else."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, str] = {}

    def show(self, name: str, done: float, total: float, note: str = "") -> None:
        """Print the bar's place if it is a new one."""
        text = f"  {name}  {done:g}/{total:g}  {note}".rstrip()
        if self._shown.get(name) != text:
            self._shown[name] = text
            self._console.print(text)


class Stage:
    """Where the scenes are shown."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._scenes = 0

    def scene(self, text: str) -> None:
        """Announce the next scene."""
        self._scenes += 1
        self.title(f"{self._scenes}. {text}")

    def title(self, text: str) -> None:
        """Print a heading."""
        self._console.print(f"\n{text}", style="bold")

    def say(self, text: str) -> None:
        """Print one line about it."""
        self._console.print(f"  {text}")

    def verdict(self, text: str, *, good: bool) -> None:
        """Print how it went."""
        self._console.print(f"  {'ok' if good else 'WRONG'}: {text}", style="green" if good else "bold red")

    @contextmanager
    def bars(self) -> Iterator[Bars]:
        """Show bars inside the block."""
        if not self._console.is_terminal:
            yield Lines(self._console)
            return
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(30, style="bright_black", complete_style="cyan", finished_style="green"),
            TextColumn("{task.fields[note]}"),
        )
        with Progress(*columns, console=self._console, refresh_per_second=20) as progress:
            yield MovingBars(progress)
