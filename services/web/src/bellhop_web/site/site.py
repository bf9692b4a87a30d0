"""The site: everything that the pages have in common, put into the application."""

import flask

from bellhop_web.site import (
    account,
    alarms,
    assets,
    catalogue,
    dashboard,
    exports,
    failures,
    fetches,
    forms,
    handed_on,
    home,
    imports,
    jobs,
    links,
    mails,
    navigation,
    notices,
    passwords,
    poll,
    polls,
    price_runs,
    prices,
    products,
    schedule,
    schedules,
    signing,
    timer,
)
from bellhop_web.site import format as wording
from bellhop_web.site import operators_gate as gate

GROUPS = [
    home,
    signing,
    links,
    passwords,
    account,
    mails,
    polls,
    poll,
    prices,
    price_runs,
    products,
    catalogue,
    imports,
    exports,
    timer,
    fetches,
    schedules,
    schedule,
    dashboard,
    jobs,
    gate,
]
"""The modules of pages, each with its blueprint `bp`."""


def open_site(app: flask.Flask) -> None:
    """Offer the pages to people."""
    for part in (alarms, assets, failures, forms, handed_on, navigation, notices, wording):
        part.offer(app)
    for group in GROUPS:
        app.register_blueprint(group.bp)
