"""`bellhop new`: a project with a task, its test, and what it takes to run and deploy it."""

import argparse
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bellhop_client.command.errors import UsageError
from bellhop_client.version import VERSION

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
LONGEST = 40
SUFFIX = ".txt"
"""What the templates have behind their names, so that no tool takes them for what they are to become."""
PLACES = {"package": "src/{{name}}", "gitignore": ".gitignore"}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `new NAME`."""
    parser = commands.add_parser("new", help="write a project with a task of your own, its test and its Dockerfile")
    parser.add_argument("name", metavar="NAME", help="such as invoices or acme-invoices: the folder that is made")
    parser.add_argument("--web", action="store_true", help="with routes for web, too")
    parser.set_defaults(run=create)


def create(arguments: argparse.Namespace) -> None:
    """Write a project. Raises UsageError for a name that cannot be one, or that is there already."""
    folder = Path(arguments.name)
    values = values_of(arguments.name, web=arguments.web)
    if folder.exists():
        raise UsageError(f"argument NAME: {folder} is there already")
    written = dict(sorted(rendered(values, web=arguments.web)))
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    print(f"wrote {len(written)} files to {folder}; {folder / 'README.md'} says how to go on")


def values_of(project: str, *, web: bool) -> dict[str, str]:
    """Return what stands in the templates. Raises UsageError, which names the argument."""
    name = project.replace("-", "_")
    if len(project) > LONGEST or not NAME.fullmatch(project):
        raise UsageError(f"argument NAME: must be a word of a-z, 0-9, - and _, at most {LONGEST}, not {project!r}")
    if keyword.iskeyword(name) or name in sys.stdlib_module_names or name.startswith("bellhop"):
        raise UsageError(f"argument NAME: {name} is the name of another module; take one of your own")
    part = f', web="{name}.web"' if web else ""
    return {"project": project, "name": name, "version": VERSION, "web": part}


def rendered(values: Mapping[str, str], *, web: bool) -> Iterator[tuple[str, str]]:
    """Yield the path of each file in the project, and its text."""
    root = files("bellhop_client.command") / "project"
    for path, template in _templates(root):
        text = template.read_text(encoding="utf-8")
        if path == "README-web.md" or ("/web/" in path and not web):
            continue
        if path == "README.md" and web:
            text += (root / f"README-web.md{SUFFIX}").read_text(encoding="utf-8")
        yield filled(path, values), filled(text, values)


def _templates(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    for one in folder.iterdir():
        name = PLACES.get(one.name.removesuffix(SUFFIX), one.name.removesuffix(SUFFIX))
        if one.is_dir():
            yield from _templates(one, f"{path}{name}/")
        elif one.name.endswith(SUFFIX):
            yield f"{path}{name}", one


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the values in their places."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text)
