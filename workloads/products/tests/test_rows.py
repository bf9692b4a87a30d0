"""Files as spreadsheets and old tools leave them, read without a database."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_products.bodies.lines import NotACsv, lines_of
from bellhop_products.bodies.rows import BadRows, rows_of

HEADER, ROW = "sku,name,price,currency\n", "B8,Chair,12.50,EUR\n"
GOOD = HEADER + ROW
CHAIR = ("B8", "Chair", 1250, "EUR")


def read(file: str | bytes, piece: int = 1_000_000) -> tuple[list[Any], list[tuple[int, str, str]]]:
    """Return the products of a file, and its bad rows."""
    content, bad = file.encode() if isinstance(file, str) else file, BadRows()
    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    rows = [row for row in rows_of(lines_of(pieces), bad) if row]
    found = [(row.record.sku, row.record.name, row.record.price, row.record.currency) for row in rows]
    return found, [(one.line, one.field, one.message) for one in bad.first]


NOTHING = {
    "delimiters only": GOOD + ",,,\n",
    "more delimiters than columns": GOOD + ",,,,,,,\n\n",
    "quoted emptiness": GOOD + '"","","",""\n',
    "blanks, hard ones and invisible ones": GOOD + " ,\u00a0,\u200b,\ufeff\n\u3000\n",
    "empty lines before the header": "\n\r\n,,,\n \n" + GOOD,
    "empty lines between": HEADER + "\n\n" + ROW,
    "columns without a name": "sku,name,price,currency,,\nB8,Chair,12.50,EUR,,\n",
    "a first column without a name": ",sku,name,price,currency\n,B8,Chair,12.50,EUR\n",
    "trailing delimiters": HEADER + "B8,Chair,12.50,EUR,,,\n",
    "trailing delimiters that a spreadsheet left away": "sku,name,price,currency,description,\nB8,Chair,12.50,EUR\n",
    "Ctrl-Z": GOOD + "\x1a",
    "Ctrl-Z behind the last value": GOOD.rstrip() + "\x1a",
    "Ctrl-Z on a line": GOOD + "\x1a\r\n",
    "NUL padding": GOOD + "\0" * 600_000,
    "NUL padding behind Ctrl-Z": GOOD + "\x1a" + "\0" * 128,
    "a mark of UTF-8": "\ufeff" + GOOD,
    "two marks": "\ufeff\ufeff" + GOOD,
    "a mark before a quotation mark": '\ufeff"sku",name,price,currency\n' + ROW,
    "a mark in the middle": HEADER + "\ufeff" + ROW,
    "a mark before a quoted value": HEADER + '\ufeff"B8",Chair,12.50,EUR\n',
    "a second header": HEADER + "\ufeff" + "SKU,Name,Price,Currency\n" + ROW,
    "blanks around names": " sku ,\u00a0name\t, price,\ufeffcurrency \n" + ROW,
    "quotes and blanks around names": '\'sku\', "name" ,"price","currency" \n' + ROW,
    "case": "SKU,nAME,Price,CURRENCY\n" + ROW,
    "blanks after delimiters": 'sku, name, price, currency\nB8, "Chair", 12.50, EUR\n',
    "blanks around values": HEADER + " B8 , Chair\u00a0,\u202f12.50 , eur \n",
    "quotes around everything": '"sku","name","price","currency"\n"B8","Chair","12.50","EUR"\n',
    "no end of the last line": GOOD.rstrip("\n"),
    "lines of Windows": GOOD.replace("\n", "\r\n"),
    "lines of old Macs": GOOD.replace("\n", "\r"),
}


@pytest.mark.parametrize("file", NOTHING.values(), ids=NOTHING)
def test_what_carries_no_data_is_not_there(file: str) -> None:
    assert read(file) == ([CHAIR], [])


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("told", ["", "sep={}\n", "SEP={}\r\n", '"sep={}"\n', "sep={0}{0}{0}{0}\n", "\n\nsep={}\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_separator_is_understood_with_and_without_a_line_that_names_it(mark: str, told: str, sign: str) -> None:
    assert read(mark + told.format(sign) + GOOD.replace(",", sign)) == ([CHAIR], [])


@pytest.mark.parametrize("sign", ["^", ":", "~", "!"])
def test_a_separator_that_only_the_first_line_tells_is_obeyed(sign: str) -> None:
    assert read(f"sep={sign}\n" + GOOD.replace(",", sign)) == ([CHAIR], [])


def test_the_separator_may_differ_from_what_the_names_look_like() -> None:
    assert read("sep=;,,,\n" + GOOD) == ([CHAIR], [])
    assert read('sep=;\nsku;name;price;currency\nB8;"Chair";12,50;EUR\n') == ([CHAIR], [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("piece", [1_000_000, 64])
def test_unicode_text_of_excel_is_read(encoding: str, piece: int) -> None:
    file = "sku\tname\tprice\tcurrency\r\nB8\tSt\u00fchl\U0001fa91\t12,50\tEUR\r\n"

    assert read(file.encode(encoding), piece) == ([("B8", "St\u00fchl\U0001fa91", 1250, "EUR")], [])


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "The column sku is missing. The first line must name sku, name, price, currency"),
        (b"\n,,,\n\0", "The column sku is missing"),
        (GOOD.encode("utf-32"), "in UTF-32; save it as 'CSV UTF-8'"),
        (GOOD.encode("utf-16")[:-1], "in UTF-16, and damaged"),
        (b"<html><table>", "HTML or XML"),
        (b"%PDF-1.7", "a PDF"),
        ("sku,n\u00e4me,price,currency\n".encode("cp1252"), "The header is not UTF-8; save the file as 'CSV UTF-8'"),
        (HEADER.encode() + b'A,"B,1,EUR\n', "Line 2 .*: a quotation mark is opened and never closed"),
        (HEADER.encode() + b'A,"B"x,1,EUR\n', "Line 2 .*: something follows a closing quotation mark"),
        (HEADER.encode() + b"x" * 300_000, "Line 2 has more than 262,144 bytes"),
        (b"sku,name,price\n", "The column currency is missing"),
        (b"sku,name,price,currency,colour,size\n", "The column 'colour' and 1 more are not known"),
        (b"sku,name,price,currency,Name\n", "The column name is named more than once"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(file: bytes, words: str) -> None:
    with pytest.raises(NotACsv, match=words):
        read(file)


SPOILT = "must be 1 to 64 printable characters of ASCII, and not what a spreadsheet makes of a long number"


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        *[(f"{sku},Chair,1,EUR", "sku", SPOILT) for sku in ["8.90E+12", "8.90e+012", "1E+15", "#REF!", "#N/A", "####"]],
        ('"8,90E+12",Chair,1,EUR', "sku", SPOILT),
        ("B\u00e48,Chair,1,EUR", "sku", "must be 1 to 64 printable characters of ASCII"),
        (f"{'x' * 65},Chair,1,EUR", "sku", "must have at most 64 characters"),
        (",Chair,1,EUR", "sku", "is missing"),
        ("B8,\u00a0,1,EUR", "name", "is missing"),
        (f"B8,{'x' * 201},1,EUR", "name", "must have at most 200 characters"),
        ('B8,"a\nb",1,EUR', "name", "must be one line of text"),
        ("B8,\u200b,1,EUR", "name", "must be one line of text"),
        ("B8,Chair,,EUR", "price", "is missing"),
        ("B8,Chair,free,EUR", "price", "must be a number such as 12.50, in EUR"),
        ("B8,Chair,-1,EUR", "price", "must not be negative"),
        ('B8,Chair,"1,234",EUR', "price", "may mean 1234 or 1.234"),
        ("B8,Chair,1,ABC", "currency", "must be the code of a currency by ISO 4217, such as EUR"),
        ("B8,Chair,1,", "currency", "is missing"),
        ("B8,Chair", "row", "has 2 values, the header names 4"),
        ("B8", "row", "has 1 value, the header names 4"),
        ("B8,Chair,1,EUR,,x", "row", "has 6 values, the header names 4"),
    ],
)
def test_each_bad_row_is_described_in_words(row: str, field: str, words: str) -> None:
    [(line, at_fault, message)] = read(f"{HEADER}{row}\n")[1]

    assert (line, at_fault) == (2, field)
    assert message.startswith(words)


def test_text_of_another_code_page_is_refused_with_what_to_do() -> None:
    [bad] = read(HEADER.encode() + "B8,St\u00fchl,1,EUR\n".encode("cp1252"))[1]

    assert bad == (2, "name", "is not UTF-8; save the file as 'CSV UTF-8'")


def test_a_value_below_no_name_is_not_lost_silently() -> None:
    [bad] = read("sku,name,price,currency,\nB8,Chair,1,EUR,red\n")[1]

    assert bad == (2, "row", "has a value in column 5, which has no name")


def test_a_point_before_three_digits_is_a_decimal_point_where_commas_stand_between_the_values() -> None:
    assert read(HEADER + "B8,Chair,12.500,EUR\n") == ([CHAIR], [])
    [bad] = read(HEADER.replace(",", ";") + "B8;Chair;12.500;EUR\n")[1]
    assert bad[1:] == ("price", "may mean 12500 or 12.500: write it without a separator of thousands")


@pytest.mark.parametrize("sku", ['="00123"', '"=""00123"""'])
def test_a_sku_that_a_program_has_kept_as_text_comes_without_its_formula(sku: str) -> None:
    assert read(f"{HEADER}{sku},Chair,12.50,EUR\n") == ([("00123", *CHAIR[1:])], [])


def test_bad_rows_are_listed_by_their_lines_and_the_first_are_kept() -> None:
    bad = BadRows()
    for line in [*range(2, 400, 2), 5, 3]:
        bad.add(line, "sku", "stands on line 2 already")

    assert [one.line for one in bad.first][:4] == [2, 3, 4, 5]
    assert (bad.count, len(bad.first)) == (201, 100)


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_file_is_read_or_refused_however_it_is_cut(file: bytes, piece: int) -> None:
    with suppress(NotACsv):
        found, bad = read(HEADER.encode() + file, piece)
        assert all(words for _, _, words in bad)
        assert all(name for _, name, _, _ in found)


@given(st.text(st.sampled_from("ab,\"'\r\n \ufeff=+"), max_size=30), st.integers(1, 5))
def test_where_a_file_is_cut_makes_no_difference(tail: str, piece: int) -> None:
    def outcome(piece: int) -> Any:
        try:
            return read(GOOD + tail, piece)
        except NotACsv as error:
            return str(error)

    assert outcome(piece) == outcome(1_000)
