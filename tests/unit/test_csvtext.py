"""CSV cells: nothing that a spreadsheet would take for a formula, and all of it comes back as it was."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bellhop_ledger.platform.csvtext import BOM, Table, cell_text, guarded

SIGNS = "=+-@\u2212\uff1d\uff0b\uff0d\uff20"
FORMULAS = [f"{sign}1+1" for sign in SIGNS]
FORMULAS += [
    "\t=1",
    "\r=1",
    "\n=1",
    "\tplain",
    "\rplain",
    "\nplain",
    " =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff@x",
    " \t +1",
]
FORMULAS += ["'=1", "''=1", "' =1", " '=1", "'\tplain", "-5", "+43 1 234", "=cmd|' /C calc'!A0", "@SUM(1)"]
PLAIN = [
    "",
    "'",
    "'plain",
    "plain",
    "1+1",
    "a=1",
    "a-b",
    " plain",
    "5",
    "1.5",
    "\u00e4",
    "#REF!",
    "%",
    "|",
    '"=1"',
    "/x",
]


@pytest.mark.parametrize("value", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(value: str) -> None:
    assert guarded(value) == f"'{value}"


@pytest.mark.parametrize("value", PLAIN)
def test_any_other_text_is_written_as_it_is(value: str) -> None:
    assert guarded(value) == value


alphabet = st.sampled_from([*SIGNS, *"'\t\r\n \"a1,;", "\u00a0", "\u200b", BOM])


@example("'=1")
@given(st.text(alphabet, max_size=6) | st.text(max_size=6))
def test_whatever_is_written_is_harmless_and_comes_back(value: str) -> None:
    if value.startswith('="'):  # as a formula in a file it would be read as the text that it keeps
        assert guarded(value) != value
    written = guarded(value)

    assert cell_text(written) == value
    assert written.lstrip(" \t\r\n\u00a0\u200b\ufeff")[:1] not in {*SIGNS}
    assert written[:1] not in {"\t", "\r", "\n"}


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="00123"', "00123"), (' ="00123" ', "00123"), ('="a ""b"""', 'a "b"'), ('="a"&"b"', '="a"&"b"'), ("=1", "=1")],
)
def test_a_formula_that_only_keeps_text_is_read_as_that_text(cell: str, text: str) -> None:
    assert cell_text(cell) == text


def test_a_table_begins_with_the_mark_of_utf_8_and_guards_every_text() -> None:
    out = io.StringIO(newline="")
    table = Table(out, ["a", "b"])
    table.add(["=1", -5])

    assert out.getvalue() == "\ufeffa,b\r\n'=1,-5\r\n"
    assert list(csv.reader(io.StringIO(out.getvalue().removeprefix(BOM), newline=""))) == [["a", "b"], ["'=1", "-5"]]
