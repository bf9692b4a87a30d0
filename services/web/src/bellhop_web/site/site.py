"""The site: everything that the pages have in common, put into the application."""

from importlib import import_module

import flask

from bellhop_web.site import alarms, assets, failures, forms, handed_on, navigation, notices
from bellhop_web.site import format as wording

GROUPS = [
    "bellhop_web.site.home",
    "bellhop_web.accounts.pages_signing",
    "bellhop_web.accounts.pages_links",
    "bellhop_web.accounts.pages_passwords",
    "bellhop_web.accounts.pages",
    "bellhop_web.mails.pages",
    "bellhop_polls.web.pages",
    "bellhop_polls.web.pages_poll",
    "bellhop_prices.web.pages",
    "bellhop_prices.web.pages_runs",
    "bellhop_products.web.pages",
    "bellhop_products.web.pages_catalogue",
    "bellhop_products.web.pages_imports",
    "bellhop_products.web.pages_exports",
    "bellhop_timer.web.pages",
    "bellhop_fetches.web.pages",
    "bellhop_web.schedules.pages",
    "bellhop_web.schedules.pages_schedule",
    "bellhop_web.dashboard.pages",
    "bellhop_web.jobs.pages",
    "bellhop_web.site.operators_gate",
]
"""The modules of pages, each with its blueprint `bp`."""


def open_site(app: flask.Flask) -> None:
    """Offer the pages to people."""
    for part in (alarms, assets, failures, forms, handed_on, navigation, notices, wording):
        part.offer(app)
    for group in GROUPS:
        app.register_blueprint(import_module(group).bp)
