"""Failures: where people asked for a page, the problem is written out as one."""

from urllib.parse import urlencode

import flask
from flask import Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from bellhop_web.site import kept
from bellhop_web.site.page import for_people, render
from bellhop_web.site.paths import SIGN_IN

WORDS = {
    400: "This request could not be read",
    403: "You do not have access to this",
    404: "There is nothing here",
    405: "This address only takes forms",
    413: "This is too large",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Temporarily unavailable",
}
UNSURE = frozenset({401, 403, 500, 503})
"""Then it is not asked who looks: the answer, or the database, may be what is wrong."""
LOOKING = frozenset({"GET", "HEAD"})


def offer(app: flask.Flask) -> None:
    """Offer templates what was typed before."""
    app.jinja_env.globals["pack"] = kept.packed


def presented(problem: Response) -> Response:
    """Return a problem as who asked can read it: as a page, or as a way on; as it is for programs."""
    if not for_people():
        return problem
    if problem.status_code == 401 and request.method in LOOKING:
        return to_sign_in(request.full_path.rstrip("?"))
    if problem.status_code == 405 and request.method in LOOKING:
        return Response(status=303, headers={"Location": above(request.path)})
    return page_of(problem)


def to_sign_in(back: str) -> Response:
    """Lead somebody who is not signed in to where they can, and back afterwards."""
    return Response(status=303, headers={"Location": f"{SIGN_IN}?{urlencode({'next': back})}"})


def above(path: str) -> str:
    """Return the nearest page above an address that only takes forms, for who opened it or went back to it."""
    addresses = current_app.url_map.bind("")
    while path := path.rstrip("/").rpartition("/")[0]:
        try:
            addresses.match(path, "GET")
        except HTTPException:
            continue
        return path
    return "/"


def page_of(problem: Response) -> Response:
    """Write a problem for people."""
    said = problem.get_json()
    if problem.status_code in UNSURE:
        g.setdefault("caller", None)
    title = WORDS.get(problem.status_code, said["title"])
    typed = kept.typed(problem.status_code)
    if problem.status_code == 401 and request.method not in LOOKING:
        title = "Your session has ended"
    again = problem.status_code in kept.AGAIN
    made = render("error.html", problem.status_code, problem=said, title=title, typed=typed, again=again)
    carried = ("Allow", "Retry-After", "WWW-Authenticate")
    made.headers.update({name: problem.headers[name] for name in carried if name in problem.headers})
    return made
