"""The query language: what is read of a query, what is refused and where, and that it is written as it is read."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop.errors import Invalid
from bellhop_web.search import Search, parse, parse_leniently
from bellhop_web.search.fields import FIELDS
from bellhop_web.search.moments import moment_of
from bellhop_web.search.scalars import meanings
from bellhop_web.search.terms import Term
from bellhop_web.search.words import of_error, words_of
from tests.stack import ROOT

NOW = datetime(2030, 1, 31, 9, 30, tzinfo=UTC)
PIECES = [*(f"{name}:" for name in FIELDS), *(field.example for field in FIELDS.values())]
PIECES += ["args.a.b:", "-", " ", '"', "\\", ",", ":", "*", "..", "2h", "failed", "1042", "true", "é", "…", "\0", "a@b"]
anything = st.one_of(
    st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.sampled_from(PIECES)).map(" ".join)
)


@given(anything)
def test_whatever_is_typed_is_read_or_refused_by_place_and_reads_the_same_once_it_is_written(typed: str) -> None:
    search, faults = parse_leniently(typed)

    assert all(fault.field == "q" and fault.message.startswith("at ") for fault in faults)
    assert parse(str(search)) == search
    assert str(parse(str(search))) == str(search)


@given(st.text(min_size=1, max_size=100), st.booleans())
def test_any_text_between_quotes_is_one_value(text: str, negated: bool) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    search, faults = parse_leniently(f"{'-' if negated else ''}args.name:{quoted}")

    assert faults or [(term.texts, term.negated) for term in search.terms] == [([text], negated)]


def read(text: str) -> list[tuple[str, list[str]]]:
    return [(term.name, term.texts) for term in parse(text).terms]


def test_the_terms_of_the_issue_are_read() -> None:
    query = (
        'state:failed task:http.* args.order:1042 error:"refused" worker:vm queue:slow tag:x schedule:nightly '
        "submitter:shop since:2h until:1h parent:01a2b3c4-5d6e-7f80-9a1b-2c3d4e5f6071 request:5cef id:01a2… quiet:yes"
    )

    assert [name for name, _ in read(query)] == [
        "state", "task", "args", "error", "worker", "queue", "tag", "schedule", "submitter", "since", "until", "parent",
        "request", "id", "quiet",
    ]  # fmt: skip
    assert read("id:01A2b3c4-…") == [("id", ["01a2b3c4"])]


def test_values_are_parted_by_commas_and_words_stand_alone() -> None:
    assert read('state:failed,cancelled "connection refused" a,b') == [
        ("state", ["failed", "cancelled"]),
        ("", ["connection refused"]),
        ("", ["a,b"]),
    ]
    assert read('tag:a,"b"') == [("tag", ["a", "b"])]
    assert str(parse('-tag:a  -"x y"   -foo')) == '-tag:a -"x y" -foo'


WRONG = {
    "statte:failed": "at 1: 'statte' is no term; is 'state' meant?",
    "task:a stat:x": "at 8: 'stat' is no term; is 'state' meant?",
    "https://example.org": "at 1: 'https' is no term; a text with a colon is written in quotes",
    "state:faild": "at 1: state:faild: 'faild' is no state; is 'failed' meant?",
    "task:": "at 6: task: has no value",
    "task:a,": "at 8: a value is missing",
    'error:"x': "at 7: the closing quote is missing",
    'error:"x"y': "at 10: a space is missing after the closing quote",
    'a"b"': 'at 2: a quote begins in the middle of a word; in a quoted text it is written \\"',
    "error:...": "at 1: error:...: has no letter or digit to look for",
    "args:1": "at 1: args:1: needs the name of an argument, such as args.order:1042",
    "task.x:1": "at 1: task.x:1: has no parts; only args has",
    "id:xyz": "at 1: id:xyz: must be the id of a job, or its first 4 digits or more",
    "parent:1": "at 1: parent:1: must be the id of a job",
    "since:yesterday": "at 1: since:yesterday: must be how long ago, such as 90m, 2h or 7d, or a date in ISO 8601, "
    "such as 2030-01-31T09:30Z",
    "since:1h,2h": "at 1: since:1h,2h: takes one value, and no - before it",
    "-until:1h": "at 1: -until:1h: takes one value, and no - before it",
    "since:999999d": "at 1: since:999999d: is more than a hundred years ago",
    "created:1h": "at 1: created:1h: must be FROM..TO, of which one may be left out, such as 2h.. or "
    "2030-01-31..2030-02-01",
    "ended:1h..2h": "at 1: ended:1h..2h: must end after it begins",
    "quiet:perhaps": "at 1: quiet:perhaps: must be yes or no",
    "tag:a*b": "at 1: tag:a*b: must be a tag: at most 64 letters, digits and _ . : / @ = + -",
    "a\x00": "at 2: a query has no control characters",
    "x" * 1_001: "at 1001: a query has at most 1,000 characters",
    "x " * 31: "at 61: a query has at most 30 terms",
    "state:" + ",".join(["failed"] * 51): "at 362: a term has at most 50 values",
}


@pytest.mark.parametrize("query", WRONG)
def test_what_is_wrong_is_said_with_its_place(query: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(query)

    assert [(fault.field, fault.message) for fault in caught.value.faults] == [("q", WRONG[query])]


def test_a_fault_in_one_term_keeps_the_others() -> None:
    search, faults = parse_leniently("state:failed foo:1 task:a bar:2")

    assert str(search) == "state:failed task:a"
    assert [fault.message[:5] for fault in faults] == ["at 14", "at 27"]


def test_a_number_of_an_argument_is_a_text_as_well_unless_it_is_quoted() -> None:
    assert meanings("1042", quoted=False) == ["1042", 1042]
    assert meanings("1.5", quoted=False) == ["1.5", 1.5]
    assert meanings("true", quoted=False) == ["true", True]
    assert meanings("1e999", quoted=False) == ["1e999"]
    assert meanings("1042", quoted=True) == ["1042"]
    assert parse('args.a:"1042"') != parse("args.a:1042")
    assert parse('args.a:"b"') == parse("args.a:b")


def test_a_moment_is_a_date_or_so_long_ago() -> None:
    assert moment_of("1h30m", NOW) == NOW - timedelta(minutes=90)
    assert moment_of("1w", NOW) == NOW - timedelta(days=7)
    assert moment_of("2030-01-31", NOW) == datetime(2030, 1, 31, tzinfo=UTC)
    assert moment_of("2030-01-31T10:30+02:00", NOW) == datetime(2030, 1, 31, 8, 30, tzinfo=UTC)


def test_words_are_parted_by_what_is_no_letter_or_digit() -> None:
    assert words_of("Connection-Refused (111) Žluťoučký") == ["connection", "refused", "111", "Žluťoučký"]
    assert of_error("connection ref") == "'econnection' & 'eref':*"


def test_how_and_when_jobs_ended_is_listed_by_their_ends() -> None:
    for query in ("state:failed", "state:expired", "state:failed quiet:yes", "state:failed since:2h task:a"):
        assert parse(query).by_end, query
    for query in ("", "state:queued", "state:failed,cancelled", "-state:failed", "state:failed task:a", "since:2h"):
        assert not parse(query).by_end, query


def test_quiet_tasks_are_left_out_unless_they_are_asked_for() -> None:
    for query in ("", "state:failed", "quiet:no task:a", "-task:a"):
        assert parse(query).leaves_quiet_out, query
    for query in ("quiet:yes", "task:a", "id:01a2b3c4", "schedule:nightly"):
        assert not parse(query).leaves_quiet_out, query


def test_a_query_loses_the_one_term_that_is_taken_out() -> None:
    search = parse("tag:a tag:b tag:a")

    assert str(search.without(search.terms[2])) == "tag:a tag:b"
    assert not Search()
    assert Term("tag", search.terms[0].values) == search.terms[2]


def test_the_table_of_the_page_has_every_term_and_each_can_be_read() -> None:
    table = (ROOT / "docs/finding-jobs.md").read_text().partition("## Terms")[2].partition("A moment is")[0]
    first = " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE)[1:])
    terms = [term.replace("<id>", "01a2b3c4-5d6e-7f80-9a1b-2c3d4e5f6071") for term in re.findall(r"`([^`]+)`", first)]

    assert {term.name for text in terms for term in parse(text).terms} == set(FIELDS)
