"""What the web service serves of prices."""

from bellhop_web.plugin import Domain, Link

domain = Domain(
    package=__name__,
    tags={"prices": "Games, what they cost, and a mail when they cost less"},
    api=("api", "api_watches"),
    pages=("pages", "pages_runs"),
    acts=("prices.checked", "games.refreshed", "watch.created", "watch.changed", "watch.deleted"),
    links=(
        Link(
            label="Prices",
            path="/prices",
            words="Name the price that you would pay for a game, and get one mail when it comes down to it.",
        ),
    ),
)
