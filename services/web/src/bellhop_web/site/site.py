"""The site: everything that the pages have in common, put into the application."""

from collections.abc import Sequence

import flask

from bellhop_web.domain import Domain, static_folders
from bellhop_web.http import csrf
from bellhop_web.site import assets, failures, forms, navigation, notices
from bellhop_web.site import format as wording


def open_site(app: flask.Flask, domains: Sequence[Domain]) -> None:
    """Offer people what all pages have in common, the links and static files of these domains among it."""
    for part in (csrf, failures, forms, notices, wording):
        part.offer(app)
    assets.offer(app, static_folders(domains))
    navigation.offer(app, [link for domain in domains for link in domain.links])
