"""Polls, for tests of the whole."""

from uuid import uuid4

import httpx

from tests.cast import TestUser
from tests.integration.test_pages_forms import sent, token_in
from tests.samples import Do, Samples
from tests.stack import Stack
from workloads.polls.tests.polls import TEA_OR_COFFEE, opened

POLL = {"title": "Where to?", "options": ["Noodles", "Soup"]}
TEA = {"title": "Tea?", "options": ["Yes", "No"]}


def live(stack: Stack) -> list[str]:
    body = {"title": f"P {uuid4()}", "options": TEA_OR_COFFEE}
    return ["/polls", f"/polls/{stack.user().http.post('/api/polls', json=body).json()['id']}"]


CLOSING = {"closes_at": "2030-01-31T09:30"}
SECRET = "who has voted is no business of those who read the audit; the table of votes keeps one a person"


def edited(verb: str, path: str = "", **body: object) -> Do:
    """Change a poll of one's own by the API."""
    return lambda stack, user, browser: user.http.request(
        verb, f"/api/polls/{opened(user)['id']}{path}", **({"json": body} if body else {})
    )


def on_its_page(path: str, **fields: str) -> Do:
    """Change a poll of one's own on its page."""

    def act(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
        page = f"/polls/{opened(user)['id']}"
        return browser.post(f"{page}/{path}", data=fields | {"csrf_token": token_in(browser.get(page).text)})

    return act


samples = Samples(
    asks={"a poll": lambda stack, http: http.post("/api/polls", json={"title": "Which?", "options": TEA_OR_COFFEE})},
    bodies={"/api/polls": (POLL, POLL | {"title": "Where else?"})},
    rows=("polls.polls",),
    topics=("poll",),
    pages=("/polls", "/polls/new"),
    tasks=("polls.close",),
    operations=(
        "create_poll",
        "list_polls",
        "suggest_options",
        "show_poll",
        "edit_poll",
        "close_poll",
        "vote",
        "export_poll",
        "draw_poll",
    ),
    public=("list_polls", "suggest_options", "show_poll", "draw_poll", "export_poll"),
    rules=(
        ("NewPoll", TEA, TEA | {"closes_at": 253_402_300_799}),
        ("NewPoll", TEA | {"closes_at": 1_900_000_000}, TEA | {"title": "Tea\0?"}),
        ("ClosingDate", {"closes_at": "2030-01-31T09:30:00Z"}, {"closes_at": 2_500_000_000}),
    ),
    acts={
        "polls.create_poll": ("poll.opened", lambda stack, user, browser: user.http.post("/api/polls", json=POLL)),
        "polls_pages.create_poll": (
            "poll.opened",
            lambda stack, user, browser: sent(browser, "/polls/new", title="Tea?", options=["Yes", "No"], **CLOSING),
        ),
        "poll.edit_poll": ("poll.moved", edited("PATCH", closes_at="2030-01-31T09:30:00Z")),
        "poll.close_poll": ("poll.closed", edited("POST", "/close")),
        "poll_pages.move_closing": ("poll.moved", on_its_page("closing-date", **CLOSING)),
        "poll_pages.close": ("poll.closed", on_its_page("close")),
    },
    unaudited={"poll.vote": SECRET, "poll_pages.vote": SECRET},
    live=live,
)
