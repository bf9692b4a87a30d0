"""The reference of modules, from their docstrings, which are plain text with `code` and lists in it."""

import re
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from sphinx.addnodes import desc_content, desc_signature
from sphinx.application import Sphinx

BASES = (BaseModel, Exception)
"""What a class has from these says nothing about the class."""
MEMBERS = {"method", "attribute", "property"}
CODE = re.compile(r"(`[^`]*`)")
SPECIAL = re.compile(r"([*|\\]|(?<=\w)_(?=\W|$))")
"""What reStructuredText would take for markup."""


def module(name: str, *options: str) -> str:
    """Return the place at which Sphinx documents what a module exports; `inherited` adds what its classes inherit."""
    import_module(
        name
    )  # before Sphinx adds annotations to the bases of models, which SQLAlchemy would take for its own
    more = "   :inherited-members: Exception, tuple\n" if "inherited" in options else "   :show-inheritance:\n"
    return f"```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n{more}```"


def as_rst(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:  # noqa: PLR0917  as Sphinx calls it
    """Write the lines of a docstring so that reStructuredText shows what stands there."""
    escaped = [_escaped(line) for line in lines]
    lines[:] = [line for n, line in enumerate(escaped) for line in _apart(escaped[n - 1] if n else "", line)]


def _escaped(line: str) -> str:
    parts = CODE.split(line.replace("``", "`"))
    return "".join(part if n % 2 else SPECIAL.sub(r"\\\1", part) for n, part in enumerate(parts))


def _apart(before: str, line: str) -> list[str]:
    """A list begins after an empty line."""
    begins = line.lstrip().startswith("- ") and before.strip() and not before.lstrip().startswith(("- ", "  "))
    return ["", line] if begins else [line]


def name_in_contents(app: Sphinx, domain: str, kind: str, content: desc_content) -> None:
    """Leave methods and attributes out of the contents of a page, which each page's navigation copies."""
    if domain == "py" and kind in MEMBERS and content.parent is not None:
        for signature in content.parent.findall(desc_signature):
            signature["_toc_name"] = ""


def is_of_the_base(app: Sphinx, what: str, name: str, found: Any, *_: Any) -> bool | None:
    """Whether to leave out what every model and every exception has."""
    return True if any(found is getattr(base, name, None) for base in BASES) else None
