"""Charts are SVG that can be parsed, says in words what it shows, and carries no style of its own."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from bellhop_web.site.charts import Bar, Column, Mark, Span, bar_chart, column_chart, line_chart, strip, waterfall
from bellhop_web.site.charts.frame import ticks

START = datetime(2030, 1, 1, tzinfo=UTC)
EVIL = '<script>alert("x")</script>'
LINE = [(START + timedelta(days=day), 10.0 - day) for day in range(5)]
CHARTS = {
    "line": line_chart(LINE, title=EVIL, threshold=7.5),
    "bars": bar_chart([Bar(EVIL, 3), Bar("no", 0)], title="Votes"),
    "columns": column_chart([Column("09:00", {"succeeded": 3, "failed": 1}), Column("09:01", {})], title="Jobs"),
    "waterfall": waterfall([Span(EVIL, 0, 1.5, words="200"), Span("b", None, None)], title="Fetches"),
    "strip": strip([Mark(START, "succeeded", EVIL)], START, START + timedelta(hours=1), title="Runs"),
}


def parsed(chart: Markup) -> ElementTree.Element:
    figure = ElementTree.fromstring(str(chart))
    return figure[0]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_says_in_words_what_it_shows(name: str) -> None:
    svg = parsed(CHARTS[name])

    named = [svg.find(f".//*[@id='{id}']") for id in svg.attrib["aria-labelledby"].split()]
    assert all(part is not None and part.text for part in named)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_takes_words_as_words_and_has_no_style_of_its_own(name: str) -> None:
    assert not re.search(r"<script|style=|<style|javascript:|\bon\w+=", CHARTS[name])


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_of_a_chart_lies_outside_of_it(name: str) -> None:
    svg = parsed(CHARTS[name])
    width, height = (float(number) for number in svg.attrib["viewBox"].split()[2:])

    for rect in svg.iter("rect"):
        x, y, wide, high = (float(rect.attrib[one]) for one in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 3
        assert y + high <= height


def test_the_longest_bar_fills_the_width_and_half_of_it_the_half() -> None:
    svg = parsed(bar_chart([Bar("a", 10), Bar("b", 5)], title="Votes"))

    assert [float(rect.attrib["width"]) for rect in svg.iter("rect")] == [640, 640, 640, 320]


def test_a_stepped_line_goes_across_before_it_goes_down() -> None:
    path = list(parsed(line_chart(LINE[:2], title="Price", stepped=True)).iter("path"))[1]

    assert re.fullmatch(r"M[\d.]+ [\d.]+ H[\d.]+ V[\d.]+", path.attrib["d"])


def test_a_threshold_is_drawn_and_told() -> None:
    chart = line_chart(LINE, title="Price", threshold=7.5, words=lambda value: f"{value:.2f} EUR")

    assert 'class="threshold"' in chart
    assert "The threshold is 7.50 EUR." in chart


def test_one_value_alone_is_a_dot() -> None:
    assert len(list(parsed(line_chart(LINE[:1], title="Price")).iter("circle"))) == 1


@pytest.mark.parametrize("chart", [line_chart([], title=""), bar_chart([], title=""), waterfall([], title="")])
def test_nothing_to_show_draws_nothing(chart: Markup) -> None:
    assert chart == ""


def test_what_goes_on_reaches_until_now() -> None:
    svg = parsed(waterfall([Span("a", 0, None)], title="Fetches", now=4.0))

    assert [float(rect.attrib["width"]) for rect in svg.iter("rect")] == [640]


def test_moments_outside_of_the_strip_are_left_out() -> None:
    marks = [Mark(START, "failed", "now"), Mark(START + timedelta(days=2), "failed", "later")]

    assert "1 failed" in strip(marks, START, START + timedelta(hours=1), title="Runs")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 59.99), (3, 1e9), (-5, 5), (0, 0.003), (7, 7)])
def test_ticks_are_few_and_cover_the_range(low: float, high: float) -> None:
    steps = ticks(low, high)

    assert steps[0] <= low
    assert steps[-1] >= high
    assert 2 <= len(steps) <= 8


def test_the_axis_of_a_free_game_has_no_parts_of_a_cent() -> None:
    free = line_chart([(START, 0.0), (START + timedelta(days=1), 0.0)], title="Price", unit=100, least=1)
    cheap = line_chart([(START, 1.0), (START + timedelta(days=1), 1.0)], title="Price", unit=100, least=1)

    assert re.findall(r'text-anchor="end">(\d[\d.]*)<', free)[:5] == ["0", "25", "50", "75", "100"]
    assert re.findall(r'text-anchor="end">(\d[\d.]*)<', cheap)[:2] == ["0", "1"]
