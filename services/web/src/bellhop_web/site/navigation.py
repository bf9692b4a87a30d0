"""Navigation: what stands in the head of every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import flask
from flask import current_app, request

from bellhop_web.auth import callers
from bellhop_web.auth.access import Access, access_of
from bellhop_web.auth.opening import invitations_are_open, issuer_name, local_sign_in_is_on, sign_up_is_open
from bellhop_web.domain import Link
from bellhop_web.site import paths as page_paths
from bellhop_web.site.paths import DASHBOARD

BAR: Mapping[str, str] = MappingProxyType({
    DASHBOARD: "d",
    "/failures": "w",
    "/jobs": "j",
    "/schedules": "s",
    "/queues": "q",
    "/workers": "k",
    "/tasks": "t",
    "/notifications": "n",
})  # fmt: skip
"""The places of the platform that stand in the bar, in this order, each with the key that leads there after `g`.

What else is not for everybody is in the menu behind them; a place that no domain offers is left out.
"""
MORE, APPS = "More", "Apps"


@dataclass(frozen=True)
class Menu:
    """Links behind one word."""

    label: str
    links: Sequence[Link]

    @property
    def is_here(self) -> bool:
        """Whether the present page belongs to one of these places."""
        return any(is_here(link) for link in self.links)


@dataclass(frozen=True)
class Navigation:
    """What stands in the bar, and in the menus after it."""

    bar: Sequence[Link]
    menus: Sequence[Menu]


def is_here(link: Link) -> bool:
    """Whether the present page belongs to this place."""
    return request.path == link.path or request.path.startswith(f"{link.path}/")


@lru_cache(maxsize=1)
def _known(app: flask.Flask) -> frozenset[str]:
    return frozenset(rule.rule.removesuffix("/") for rule in app.url_map.iter_rules())


def exists(path: str) -> bool:
    """Whether this installation has such a page."""
    return path in _known(current_app._get_current_object())  # type: ignore[attr-defined]


def workloads() -> list[Link]:
    """Return the links for everybody, which plug-ins offer."""
    return [link for link in current_app.extensions["links"] if link.access is Access.PUBLIC]


def operating() -> list[Link]:
    """Return the links to what is not for everybody, as far as it is for who looks at the page."""
    if (viewer := callers.caller()) is None:
        return []
    flower = current_app.config["FLOWER_URL"]
    others = [Link(label="Flower", path=flower, access=Access.OPERATOR)] if flower else []
    closed = [link for link in current_app.extensions["links"] if link.access is not Access.PUBLIC]
    return [link for link in (*closed, *others) if viewer.may(link.access)]


def navigation_of() -> Navigation:
    """Return what stands in the head of the present page.

    Who looks after the platform finds its places first; for all others what plug-ins offer stays in front.
    """
    closed, public = operating(), workloads()
    bar = [link for path in BAR for link in closed if link.path == path]
    rest = Menu(MORE, [link for link in closed if link not in bar])
    groups = [rest, Menu(APPS, public)] if bar else [*(Menu("", [link]) for link in public), rest]
    alone = [link for group in groups if len(group.links) == 1 for link in group.links]
    return Navigation([*bar, *alone], [group for group in groups if len(group.links) > 1])


def start() -> str:
    """Return where the name in the head leads: to the dashboard for who sees it."""
    viewer = callers.caller()
    return DASHBOARD if viewer and viewer.sees_all and exists(DASHBOARD) else "/"


def only_looks() -> bool:
    """Whether who looks at the page may not change what is on it, as viewers may not; their own account they may."""
    viewer, endpoint = callers.caller(), request.endpoint
    access = access_of(endpoint) if endpoint else Access.PUBLIC
    return viewer is not None and access.changes is not None and not viewer.may(access, change=True)


def offer(app: flask.Flask, links: Sequence[Link]) -> None:
    """Offer templates these links, and who looks at them."""
    app.extensions["links"] = links
    paths = {name: getattr(page_paths, name) for name in ("SIGN_IN", "SIGN_UP", "SIGN_OUT", "ACCOUNT")}
    app.jinja_env.globals.update(
        sign_up_is_open=sign_up_is_open,
        local_sign_in_is_on=local_sign_in_is_on,
        issuer_name=issuer_name,
        invitations_are_open=invitations_are_open,
        is_here=is_here,
        workloads=workloads,
        operating=operating,
        navigation_of=navigation_of,
        start=start,
        keys=BAR,
        only_looks=only_looks,
        viewer=callers.caller,
        paths=paths,
        page_exists=exists,
    )
