"""A domain: what the centre knows of one folder of routes and pages, in one value that stands in its `__init__`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bellhop_web.auth.access import Access


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place in the head of every page."""

    label: str
    path: str
    access: Access = Access.PUBLIC
    """Who sees it: everybody, or operators."""
    words: str = ""
    """What is there, for the home page."""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """What the centre must know of a domain. A name in it that is wrong ends the start."""

    package: str
    """The package in whose `__init__` it stands. Its `templates/` and `static/` are served, where it has them."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Headings of the API's description, and what stands below each."""
    api: Sequence[str] = ()
    """Modules of the package with a blueprint `bp` of API routes, in the order of the description."""
    pages: Sequence[str] = ()
    """Modules of the package with a blueprint `bp` of pages."""
    links: Sequence[Link] = ()
    examples: str | None = None
    """The module of the package with examples for the API's description: REQUESTS by operation, ANSWERS by schema."""
    located: Sequence[str] = ()
    """Operations whose answer says in `Location` where to watch what was accepted."""
    acts: Sequence[str] = ()
    """What its routes note in the audit, such as poll.closed, besides our own actions; the page filters by it."""
    costly: Sequence[str] = ()
    """Endpoints that cost much CPU, space, or requests to others: they count for the budget `costly`, too."""
    sign_up: Sequence[str] = ()
    """Endpoints at which strangers have a password hashed or a mail sent: they count for the budget `sign-up`, too."""
    libraries: Mapping[str, str] = field(default_factory=dict)
    """Packages of others whose static files are served, and in which folder of theirs these are."""
    bodies: Mapping[str, int] = field(default_factory=dict)
    """Bytes that a body may have, by path, where they are more than usual."""


class DomainError(Exception):
    """A domain names what it does not have; the message says which."""


def static_folders(domains: Iterable[Domain]) -> list[Path]:
    """Return the folders of all static files. Raises DomainError where a library is not there."""
    domains = list(domains)
    libraries = [_library(domain, *library) for domain in domains for library in domain.libraries.items()]
    return [*folders(domains, "static"), *libraries]


def _library(domain: Domain, package: str, folder: str) -> Path:
    """Return a folder of a package, which need not be imported for its files."""
    found = find_spec(package)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(place, folder)).is_dir():
            return path
    raise DomainError(f"{domain.package}: there is no {folder} in the package {package}")


def folders(domains: Iterable[Domain], name: str) -> list[Path]:
    """Return the folders of this name that the domains have."""
    found = (Path(str(import_module(domain.package).__file__)).parent / name for domain in domains)
    return [folder for folder in found if folder.is_dir()]
