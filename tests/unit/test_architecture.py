"""The state diagram of a job names what is there, all of it, and docs/architecture.md shows the same one."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import TextClause

import bellhop_ledger.ledger
from bellhop_ledger.ledger.tables import State
from bench.measure.rooms import Room, rooms
from tests.stack import ROOT

LEDGER = "bellhop_ledger.ledger"
DIAGRAM = str(bellhop_ledger.ledger.__doc__)
PAGE = (ROOT / "docs/architecture.md").read_text()
PLUGINS = "plug-ins"
LEDGER_FOLDER = ROOT / "ledger/src/bellhop_ledger/ledger"
NO_CLAUSES = {"submit.MADE", "in_sql.submit.ACCEPT", "retention.forget.DROP_DAY"}
"""Statements that are put together as text."""
BESIDE = {"(new)", "(deleted)"}
"""What is no state."""
WRITES_STATE = re.compile(
    r"(?:INSERT INTO|DELETE FROM) (?!live_|outside_)\w*jobs\b|UPDATE \w*jobs\b(?:(?!WHERE|FROM).)*?\bstate = ",
    re.DOTALL,
)


@dataclass(frozen=True)
class Transition:
    """One statement of the diagram."""

    states: frozenset[str]
    statement: str
    verb: str
    callers: frozenset[str]


def read() -> Iterator[Transition]:
    states: frozenset[str] = frozenset()
    lines = iter(DIAGRAM.splitlines())
    entry = ""
    for line in [*lines, "    (end) -> (end)"]:
        if re.fullmatch(r"    \S.* -> .*", line) or re.fullmatch(r"        [\w.]+\.[A-Z_]+ in .*", line):
            if entry:
                yield transition(states, entry)
            entry = "" if "->" in line else line
            states = frozenset(re.split(r" -> | \| ", line.strip())) if "->" in line else states
        elif entry:
            entry += line


def transition(states: frozenset[str], entry: str) -> Transition:
    statement, verb, callers = re.fullmatch(r"\s*(\S+) in (\S+)\s+(.*)", entry).groups()  # type: ignore[union-attr]
    return Transition(states, statement, verb, frozenset(re.split(r",\s*", callers)))


TRANSITIONS = list(read())
each = pytest.mark.parametrize("one", TRANSITIONS, ids=lambda one: one.statement)


def found(name: str) -> object:
    module, _, member = name.rpartition(".")
    return getattr(import_module(f"{LEDGER}.{module}"), member)


@each
def test_a_transition_names_states_a_statement_and_a_function_that_are_there(one: Transition) -> None:
    assert one.states <= {*State, *BESIDE}
    assert isinstance(found(one.statement), TextClause | str)
    assert callable(found(one.verb))
    assert one.statement.rpartition(".")[2] in (ROOT / source_of(one.statement)).read_text()


@each
def test_a_transition_names_everybody_in_the_platform_who_calls_it(one: Transition) -> None:
    assert callers_of(one.verb) == one.callers - {PLUGINS}


def test_every_statement_that_writes_a_state_stands_in_the_diagram() -> None:
    written = {
        f"{dotted_in_ledger(module)}.{name}"
        for module in LEDGER_FOLDER.rglob("*.py")
        for name, value in vars(import_module(f"{LEDGER}.{dotted_in_ledger(module)}".removesuffix("."))).items()
        if isinstance(value, TextClause) and WRITES_STATE.search(value.text) and defines(module, name)
    }

    assert written == {one.statement for one in TRANSITIONS} - NO_CLAUSES


def test_the_page_about_the_architecture_shows_the_same_diagram() -> None:
    assert "\n".join(DIAGRAM.strip().splitlines()[2:]) in PAGE


def test_every_file_that_the_page_names_is_there() -> None:
    packages = {room.name: room.source.parent for room in rooms()}
    named = {name for name in re.findall(r"`([\w/]+\.(?:py|html))`", PAGE) if name.partition("/")[0] in packages}

    assert named
    assert [name for name in named if not (packages[name.partition("/")[0]] / name).exists()] == []


def source_of(statement: str) -> str:
    return f"ledger/src/bellhop_ledger/ledger/{statement.rpartition('.')[0].replace('.', '/')}.py"


def dotted_in_ledger(module: Path) -> str:
    return ".".join(module.relative_to(LEDGER_FOLDER).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def defines(module: Path, name: str) -> bool:
    return any(
        isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets)
        for node in ast.parse(module.read_text()).body
    )


def callers_of(verb: str) -> set[str]:
    """Return the modules of the platform that use a function of the ledger, as their imports say."""
    return {
        room.dotted(module)
        for room in rooms()
        if not is_workload(room)
        for module in room.modules()
        if module.name != "api.py" or room.name != "bellhop_ledger"  # the door, which hands it on
        if uses(module, verb)
    }


def is_workload(room: Room) -> bool:
    return "workloads" in room.source.parts


def uses(module: Path, verb: str) -> bool:
    home, _, name = f"{LEDGER}.{verb}".rpartition(".")
    package, _, home_name = home.rpartition(".")
    imports = imports_of(module)
    if any(node.module == home and name in {alias.name for alias in node.names} for node in imports):
        return True
    whole = any(node.module == package and home_name in {alias.name for alias in node.names} for node in imports)
    return whole and f"{home_name}.{name}(" in module.read_text()


@cache
def imports_of(module: Path) -> list[ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
