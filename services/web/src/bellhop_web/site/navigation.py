"""Navigation: what stands in the head of every page."""

from dataclasses import dataclass
from functools import lru_cache

import flask
from flask import current_app, request

from bellhop_ledger.accounts.users import Role
from bellhop_web.accounts.opening import sign_up_is_open
from bellhop_web.auth import callers
from bellhop_web.site import paths as page_paths


@dataclass(frozen=True)
class Link:
    """One place to go to."""

    label: str
    path: str

    @property
    def here(self) -> bool:
        """Whether the present page belongs to it."""
        return request.path == self.path or request.path.startswith(f"{self.path}/")


FOR_ALL = [
    Link("Polls", "/polls"),
    Link("Prices", "/prices"),
    Link("Products", "/products"),
    Link("Timer", "/timer"),
    Link("Fetches", "/fetches"),
]
FOR_OPERATORS = [
    Link("Dashboard", "/dashboard"),
    Link("Jobs", "/jobs"),
    Link("Schedules", "/schedules"),
    Link("Mails", "/mails"),
]


@lru_cache(maxsize=1)
def _known(app: flask.Flask) -> frozenset[str]:
    return frozenset(rule.rule.removesuffix("/") for rule in app.url_map.iter_rules())


def exists(path: str) -> bool:
    """Whether this installation has such a page."""
    return path in _known(current_app._get_current_object())  # type: ignore[attr-defined]


def workloads() -> list[Link]:
    """Give the links for everybody."""
    return [link for link in FOR_ALL if exists(link.path)]


def operating() -> list[Link]:
    """Give the links for operators, to operators only."""
    viewer = callers.caller()
    if viewer is None or viewer.role is not Role.OPERATOR:
        return []
    links = [link for link in FOR_OPERATORS if exists(link.path)]
    flower = current_app.config["FLOWER_URL"]
    return [*links, Link("Flower", flower)] if flower else links


def offer(app: flask.Flask) -> None:
    """Give templates the links and who looks at them."""
    paths = {name: getattr(page_paths, name) for name in ("SIGN_IN", "SIGN_UP", "SIGN_OUT", "ACCOUNT")}
    app.jinja_env.globals.update(
        sign_up_is_open=sign_up_is_open,
        workloads=workloads,
        operating=operating,
        viewer=callers.caller,
        paths=paths,
        page_exists=exists,
    )
