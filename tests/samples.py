"""What tests of the whole need of each workload: it stands in `workloads/<name>/tests/samples.py`, as one value."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import httpx

from tests.cast import TestUser
from tests.stack import ROOT, Stack

Ask = Callable[[Stack, httpx.Client], httpx.Response]
Work = Callable[[Stack], tuple[str, str, str]]
Do = Callable[[Stack, TestUser, httpx.Client], httpx.Response]
"""Does something as somebody, by the API or in their browser."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Examples of what a workload does."""

    asks: Mapping[str, Ask] = field(default_factory=dict)
    """What a plain user asks the API for, in words; each makes one job."""
    forms: Mapping[str, Ask] = field(default_factory=dict)
    """The same from its pages."""
    bodies: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """By the path of each route that honours Idempotency-Key: a body, and that of another request."""
    rows: Sequence[str] = ()
    """The tables to which those routes write."""
    work: Mapping[str, Work] = field(default_factory=dict)
    """Begins some work; returns a job of it, where the API shows the work, and the page that does."""
    pages: Sequence[str] = ()
    """Pages for everybody and for users."""
    topics: Sequence[str] = ()
    """Kinds of live views whose key is a UUID."""
    tasks: Sequence[str] = ()
    operations: Sequence[str] = ()
    """Of the API, by their names."""
    public: Sequence[str] = ()
    """Which of them are for everybody."""
    rules: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = ()
    """By the schema in which a rule stands: what it allows, and what it refuses."""
    acts: Mapping[str, tuple[str, Do]] = field(default_factory=dict)
    """By the endpoint of each route that changes something: what the audit calls it, and how an operator does it."""
    unaudited: Mapping[str, str] = field(default_factory=dict)
    """By the endpoint of each other one: why it is not in the audit."""
    live: Callable[[Stack], Sequence[str]] = lambda stack: ()
    """Makes one thing of each kind and returns their pages, which are live."""


def workloads() -> list[str]:
    """Return the names of the workloads that are here and start."""
    here = sorted(path.parent.name for path in ROOT.glob("workloads/*/pyproject.toml"))
    chosen = os.environ.get("WORKLOADS") or "all"
    return here if chosen == "all" else [name for name in here if name in chosen.split(",")]


@cache
def all_samples() -> list[Samples]:
    """Return those of the workloads that start."""
    return [import_module(f"workloads.{name}.tests.samples").samples for name in workloads()]
