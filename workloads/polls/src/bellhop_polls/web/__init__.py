"""What the web service serves of polls."""

from bellhop_web.plugin import Domain, Link

domain = Domain(
    package=__name__,
    tags={"polls": "Questions that people vote on, and that close themselves"},
    api=("api", "api_poll", "api_result"),
    pages=("pages", "pages_poll"),
    links=(
        Link(
            label="Polls",
            path="/polls",
            words="Ask a question and watch the votes come in. The poll closes itself, to the second, even after a "
            "power cut.",
        ),
    ),
    examples="examples",
    acts=("poll.opened", "poll.moved", "poll.closed"),
)
