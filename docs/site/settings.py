"""The reference of settings: the words of .env.example, with types and defaults from the classes that read them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docs.site.setting_classes import ROOT, Setting, of_classes

EXAMPLES = (ROOT / ".env.example", *sorted(ROOT.glob("workloads/*/.env.example")))
SECTION = re.compile(r"^# --- (.+?) -+$\n", re.MULTILINE)
VARIABLE = re.compile(r"^#?([A-Z][A-Z_]+)=(.*)$")
SECRET = re.compile(r"^SECRET\b(?:, required)?\. ?")


@dataclass
class Described:
    """Variables that stand below the same words."""

    words: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    """Their names, and what the example has as their values."""


def page() -> str:
    """Return a section for each part of the examples."""
    known = of_classes()
    return "\n\n".join(text for example in EXAMPLES for text in _sections(example, known))


def _sections(example: Path, known: Mapping[str, Setting]) -> Iterator[str]:
    for title, part in parts(example):
        yield f"## {title[0].upper()}{title[1:]}"
        for block in part.split("\n\n"):
            yield from (_text(one, known) for one in described(block))


def parts(example: Path) -> list[tuple[str, str]]:
    """Return the parts of an example with their titles; that of a workload has one part."""
    whole = example.read_text()
    _, *rest = SECTION.split(whole)
    return list(zip(rest[::2], rest[1::2], strict=True)) or [(f"{example.parent.name}, a workload", whole)]


def described(block: str) -> list[Described]:
    """Return the variables of a block, each with the comment above it; those in a row share one."""
    found: list[Described] = []
    words: list[str] = []
    for line in block.strip().splitlines():
        variable = VARIABLE.match(line)
        if variable is None:
            words.append(line.removeprefix("#").strip())
        elif found and variable[1].removesuffix("_FILE") in found[-1].variables:
            found[-1].words.extend(words)
            words = []
        else:
            if words or not found:
                found.append(Described(words))
            found[-1].variables[variable[1]] = variable[2]
            words = []
    return found


def _text(one: Described, known: Mapping[str, Setting]) -> str:
    first, *others = [f"### {name}\n\n{_facts(name, example, known)}" for name, example in one.variables.items()]
    return "\n\n".join([first, _prose(one.words), *others])


def _facts(name: str, example: str, known: Mapping[str, Setting]) -> str:
    """Return the line with what a class knows; what only Compose or a local command reads has an example."""
    if name in known:
        return f"*{known[name].describe()}; read by {', '.join(known[name].readers)}*"
    return f"*for example `{example}`*" if example else ""


def _prose(words: list[str]) -> str:
    """Return the words of a comment as Markdown, in which `<` begins no tag."""
    return SECRET.sub("", "\n".join(words)).replace("<", "&lt;").replace("*", "\\*")
