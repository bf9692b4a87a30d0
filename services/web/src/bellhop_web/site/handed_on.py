"""What the answer to a form leaves for the page that it leads to: a secret that is shown once, or where a mail went.

It travels in an encrypted cookie that the page deletes: loading the page again repeats no form and shows it to nobody.
"""

import json
from datetime import timedelta

from flask import Response, after_this_request

from bellhop_ledger.platform.secrets import CannotDecrypt, decrypt, encrypt
from bellhop_web.http import cookies

COOKIE = "bellhop_handed_on"
LIFE = timedelta(minutes=5)


def hand_on(**facts: str) -> None:
    """Leave these for the next page."""

    @after_this_request
    def remember(response: Response) -> Response:
        return cookies.put(response, COOKIE, encrypt(json.dumps(facts), COOKIE), LIFE)


def handed_on() -> dict[str, str]:
    """Return what was left for this page, this once: the browser's cookie is taken away."""
    if not (carried := cookies.read(COOKIE)):
        return {}
    after_this_request(forget)
    try:
        found: dict[str, str] = json.loads(decrypt(carried, COOKIE))
    except (CannotDecrypt, ValueError):
        return {}
    return found


def forget(response: Response) -> Response:
    """Take the cookie away."""
    return cookies.drop(response, COOKIE)
