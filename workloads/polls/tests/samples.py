"""Polls, for tests of the whole."""

from uuid import uuid4

from tests.samples import Samples
from tests.stack import Stack
from workloads.polls.tests.polls import TEA_OR_COFFEE

POLL = {"title": "Where to?", "options": ["Noodles", "Soup"]}
TEA = {"title": "Tea?", "options": ["Yes", "No"]}


def live(stack: Stack) -> list[str]:
    body = {"title": f"P {uuid4()}", "options": TEA_OR_COFFEE}
    return ["/polls", f"/polls/{stack.user().http.post('/api/polls', json=body).json()['id']}"]


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
    live=live,
)
