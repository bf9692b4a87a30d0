"""What is to come of schedules: how much is due in the next hours, and where clocks jump."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    api=("api",),
    pages=("pages",),
    examples="examples",
    costly=("forecast.show_forecast", "forecast.list_jumps", "forecast_pages.index"),
)
