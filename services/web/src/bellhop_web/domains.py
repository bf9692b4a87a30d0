"""The domains of the web service: the one list of ours, and those of plug-ins; what they offer is put into the app."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import chain
from typing import Any

import flask
from jinja2 import ChoiceLoader, FileSystemLoader

from bellhop_ledger.audit import Action
from bellhop_web.domain import Domain, DomainError, folders
from bellhop_web.http import limits
from bellhop_web.openapi.examples import Examples

OURS = (
    "jobs", "search", "timeline", "schedules", "tasks", "endpoints", "completions", "queues", "holds",
    "notifications", "accounts", "oidc", "people", "personal_data", "service_tokens", "audit", "mails", "failures",
    "dashboard", "status", "doctor", "health", "site", "openapi", "styleguide", "schema_forms", "new_job",
    "schedules.wall", "schedules.forecast", "bulk_actions", "workers", "api_docs",
)  # fmt: skip


def find_domains(packages: Iterable[str]) -> list[Domain]:
    """Return our domains, then those in these packages. Raises DomainError."""
    return [_domain_in(name) for name in (*(f"bellhop_web.{name}" for name in OURS), *packages)]


def _domain_in(package: str) -> Domain:
    found = getattr(import_module(package), "domain", None)
    if not isinstance(found, Domain) or found.package != package:
        raise DomainError(f"{package}: there is no `domain = Domain(package=__name__, ...)` in it")
    return found


def import_parts(domains: Iterable[Domain]) -> None:
    """Import the modules of the domains' routes and pages. Raises DomainError when one is not there."""
    for domain in domains:
        for module in (*domain.api, *domain.pages):
            _part(domain, module)


def open_domains(app: Any, domains: Sequence[Domain]) -> None:
    """Register what the domains offer. Raises DomainError when one names what is not there."""
    for domain in domains:
        for module in domain.api:
            app.register_api(_part(domain, module).bp)
        for module in domain.pages:
            app.register_blueprint(_part(domain, module).bp)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders(domains, "templates")])
    app.examples = examples_of(domains)
    app.extensions["acts"] = sorted({*map(str, Action), *(act for domain in domains for act in domain.acts)})
    for domain in domains:
        limits.allow(domain.bodies)
        _check(app, domain)


def _part(domain: Domain, module: str) -> Any:
    try:
        return import_module(f"{domain.package}.{module}")
    except ModuleNotFoundError as error:
        raise DomainError(f"{domain.package}: {error}") from error


def examples_of(domains: Iterable[Domain]) -> Examples:
    """Return what the domains say of the API besides their routes."""
    made = Examples()
    for domain in domains:
        if domain.examples:
            module = _part(domain, domain.examples)
            made.requests |= module.REQUESTS
            made.answers |= module.ANSWERS
        made.located |= set(domain.located)
        made.tags |= domain.tags
    return made


def _check(app: flask.Flask, domain: Domain) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    missing = [name for name in chain(domain.costly, domain.sign_up) if name not in app.view_functions]
    missing += [path for path in (*domain.bodies, *(link.path for link in domain.links)) if path not in paths]
    operations = {name.rpartition(".")[2] for name in app.view_functions}
    missing += [name for name in domain.located if name not in operations]
    if missing:
        raise DomainError(f"{domain.package}: there is no route {missing[0]}")
