"""What the answer to a form leaves for the page that it leads to: a secret that is shown once, or where a mail went.

It travels in a sealed cookie that the page takes away: loading the page again repeats no form, and shows it to nobody.
"""

import json
from datetime import timedelta

import flask
from flask import g

from bellhop_ledger.platform.secrets import CannotOpen, seal, unseal
from bellhop_web.http import cookies

COOKIE = "bellhop_handed_on"
LIFE = timedelta(minutes=5)


def hand_on(**facts: str) -> None:
    """Leave these for the next page."""
    g.hands_on = facts


def handed_on() -> dict[str, str]:
    """Return what was left for this page, this once."""
    g.was_handed_on = True
    try:
        found: dict[str, str] = json.loads(unseal(cookies.read(COOKIE), COOKIE))
    except (CannotOpen, ValueError):
        return {}
    return found


def offer(app: flask.Flask) -> None:
    """Give browsers the cookie, and take it away once it was read."""

    @app.after_request
    def remember(response: flask.Response) -> flask.Response:
        if facts := g.get("hands_on"):
            cookies.put(response, COOKIE, seal(json.dumps(facts), COOKIE), LIFE)
        elif g.get("was_handed_on") and cookies.read(COOKIE):
            cookies.drop(response, COOKIE)
        return response
