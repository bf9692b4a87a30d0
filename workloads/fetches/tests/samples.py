"""Fetches, for tests of the whole."""

from uuid import uuid4

from tests.samples import Samples
from tests.stack import Stack


def host() -> str:
    """Return the address of a host that nobody has asked."""
    return f"https://{uuid4().hex}.example/"


def a_fetch(stack: Stack) -> tuple[str, str, str]:
    fetch = stack.http.post("/api/fetches", json={"urls": ["http://127.0.0.1:9/"]}).json()
    return fetch["pages"][0]["job_id"], f"/api/fetches/{fetch['id']}", f"/fetches/{fetch['id']}"


SUBMITS = "it changes nothing but that jobs begin, and their rows name their submitter and request"

samples = Samples(
    asks={"a fetch": lambda stack, http: http.post("/api/fetches", json={"urls": [host()]})},
    forms={"a fetch on its page": lambda stack, http: http.post("/fetches", data={"urls": host()})},
    bodies={"/api/fetches": ({"urls": ["http://127.0.0.1:1/a"]}, {"urls": ["http://127.0.0.1:1/b"]})},
    work={"a fetch": a_fetch},
    topics=("fetch",),
    pages=("/fetches",),
    tasks=("fetches.fetch_url",),
    operations=("submit_fetch", "show_fetch"),
    unaudited={"fetches.submit_fetch": SUBMITS, "fetches_pages.submit": SUBMITS},
    live=lambda stack: [a_fetch(stack)[2]],
)
