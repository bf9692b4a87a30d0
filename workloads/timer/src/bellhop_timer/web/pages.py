"""The timer's page, which moves once a second."""

from datetime import timedelta

from flask import Response, render_template
from markupsafe import Markup

from bellhop_ledger.api import transaction
from bellhop_timer.tables import Punctuality
from bellhop_timer.web.views import TickView, TimerView, read_timer
from bellhop_web.plugin import Access, Mark, format_duration, moment_mark, pages_blueprint, render, strip_chart, topic

bp = pages_blueprint("timer", access=Access.PUBLIC)

COLOURS = {Punctuality.ON_TIME: "good", Punctuality.LATE: "warning", Punctuality.MISSED: "bad"}


@bp.get("")
def show() -> Response:
    """Show the timer."""
    with transaction() as db:
        timer = read_timer(db)
    return render("timer/show.html", timer=timer, chart=chart_of(timer))


@topic("timer", access=Access.PUBLIC)
def moved(_: None) -> dict[str, str]:
    """Render what has changed with the second."""
    with transaction() as db:
        timer = read_timer(db)
    return {"timer": render_template("timer/_timer.html", timer=timer, chart=chart_of(timer))}


def chart_of(timer: TimerView) -> Markup:
    """Draw the last minute, a mark for each second."""
    if not timer.last_minute:
        return Markup("")
    end = timer.last_minute[-1].second
    marks = [Mark(one.second, COLOURS[one.state], words_of(one)) for one in timer.last_minute]
    return strip_chart(marks, end - timedelta(seconds=59), end, title="The last sixty seconds")


def words_of(tick: TickView) -> str:
    """Return in words how one second was counted."""
    when = moment_mark(tick.second, "second")
    return (
        f"{when}: missed"
        if tick.lateness is None
        else f"{when}: counted after {format_duration(max(tick.lateness, 0))}"
    )
