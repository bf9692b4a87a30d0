"""Rows: from the records of a CSV file to products, each bad one with its line and the reason."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from bellhop.csvtext import without_guard
from bellhop.money import Amount, Currency, NotMoney, minor_of
from bellhop.products import BadRow, Description, Name, Sku
from bellhop_worker.products.lines import NotACsv

REQUIRED = ("sku", "name", "price", "currency")
KNOWN = (*REQUIRED, "description")
MOST_KEPT = 100
"""Bad rows that are described; all of them are counted."""
MESSAGES = {
    "sku": "must be 1 to 64 letters, digits or signs of ASCII",
    "name": "must be one line of 1 to 200 characters",
    "description": "must have at most 10,000 characters",
    "currency": "must be three letters, such as EUR",
}


class Record(BaseModel):
    """What one row says."""

    model_config = ConfigDict(strict=True)

    sku: Sku
    name: Name
    description: Description = ""
    price: Amount
    currency: Currency


class Row(NamedTuple):
    """A good row and the line on which it begins."""

    line: int
    record: Record


@dataclass
class BadRows:
    """The bad rows of a file: all counted, the first ones described."""

    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    def add(self, line: int, field: str, message: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.first) < MOST_KEPT:
            self.first.append(BadRow(line=line, field=field, message=message))


def rows_of(lines: Iterable[str], bad: BadRows) -> Iterator[Row | None]:
    """Give the good rows, and None for each bad one, which is noted in `bad`. Raises NotACsv."""
    records = records_of(lines)
    _, header = next(records, (1, []))
    names = columns_of(header)
    for line, values in records:
        if len(values) != len(names):
            bad.add(line, "row", f"has {len(values):,} values, the header names {len(names)}")
            yield None
        elif values:
            yield row_of(line, dict(zip(names, values, strict=True)), bad)


def records_of(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it begins, without empty lines. Raises NotACsv."""
    source = iter(lines)
    first = next(source, "")
    reader = csv.reader(_chain(first, source), delimiter=delimiter_of(first), strict=True)
    line = 1
    try:
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotACsv(f"Line {line} cannot be read as CSV: {said(error)}.") from error


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def delimiter_of(header: str) -> str:
    """Give what stands between the columns: a comma, or the semicolon or tab that some spreadsheets write."""
    return max(",;\t", key=header.count)


def said(error: csv.Error) -> str:
    """Say it in words that help."""
    words = str(error)
    if "field limit" in words or "end of data" in words:
        return "a quotation mark is opened and never closed"
    return words


def columns_of(header: list[str]) -> list[str]:
    """Check the names of the columns. Raises NotACsv."""
    names = [name.strip().lower() for name in header]
    if any("\0" in name for name in names):
        raise NotACsv("The header has NUL characters; is the file in UTF-16? Save it as 'CSV UTF-8'.")
    expected = f"The first line must name {', '.join(REQUIRED)}, and may name description."
    if missing := [name for name in REQUIRED if name not in names]:
        raise NotACsv(f"The column {missing[0]} is missing. {expected}")
    if unknown := [name for name in names if name not in KNOWN]:
        more = f" and {len(unknown) - 1:,} more are" if len(unknown) > 1 else " is"
        raise NotACsv(f"The column {unknown[0][:50]!r}{more} not known. {expected}")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise NotACsv(f"The column {twice} is named more than once.")
    return names


def row_of(line: int, values: dict[str, str], bad: BadRows) -> Row | None:
    """Give a row if it is good, and note it if it is not."""
    for name, value in values.items():
        if reason := unstorable(value):
            bad.add(line, name, reason)
            return None
    try:
        return Row(line, record_of({name: without_guard(value) for name, value in values.items()}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        bad.add(line, str(first["loc"][0]), MESSAGES.get(str(first["loc"][0]), first["msg"]))
    except NotMoney as error:
        bad.add(line, "price", str(error))
    return None


def record_of(values: dict[str, str]) -> Record:
    """Check one row. Raises ValidationError, or NotMoney for its price."""
    price, currency = values["price"].strip(), values["currency"].strip().upper()
    read: dict[str, Any] = values | {"currency": currency, "price": 0}
    record = Record(**read)
    if not price:
        raise NotMoney("is missing")
    record.price = minor_of(price, currency)
    return record


def unstorable(value: str) -> str | None:
    """Say why the database cannot store it as text, if so."""
    if "\0" in value:
        return "has a NUL character"
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        return "is not UTF-8"
    return None
