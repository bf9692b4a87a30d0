"""Rows: from the records of a CSV file to products, each bad one with its line and the reason."""

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from bellhop.text import words_of
from bellhop_ledger.api import Amount, NotMoney, TypedCurrency, csv_cell_text, minor_units
from bellhop_products.bodies.lines import NotACsv
from bellhop_products.bodies.records import NOTHING, Records, name_of
from bellhop_products.tables import Description, Name, Sku
from bellhop_products.tasks import BadRow

REQUIRED = ("sku", "name", "price", "currency")
KNOWN = (*REQUIRED, "description")
MOST_KEPT = 100
"""Bad rows that are described; all of them are counted."""


class Record(BaseModel):
    """What one row says."""

    model_config = ConfigDict(strict=True)

    sku: Sku
    name: Name
    description: Description = ""
    price: Amount
    currency: TypedCurrency


class Misfit(Exception):
    """A cell cannot be taken."""

    def __init__(self, field: str, message: str):
        super().__init__(f"{field} {message}")
        self.field, self.message = field, message


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
        """Note one. Which rows are the first goes by their lines, in whatever order they are found."""
        self.count += 1
        insort(self.first, BadRow(line=line, field=field, message=message), key=attrgetter("line"))
        del self.first[MOST_KEPT:]


def rows_of(lines: Iterable[str], bad: BadRows) -> Iterator[Row | None]:
    """Yield the good rows, and None for each bad one, which is noted in `bad`. Raises NotACsv."""
    records = Records(lines)
    names = columns_of(records.header)
    for line, values in records:
        if not _is_header(values, names):
            yield row_of(line, names, values, bad, point=records.delimiter == ",")


def _is_header(values: list[str], names: list[str]) -> bool:
    """Whether a row names the columns once more, as files do that were put together."""
    return name_of(values[0]) == names[0] and [name_of(value) for value in values] == names


def columns_of(names: list[str]) -> list[str]:
    """Check the names of the columns, empty where there is none. Raises NotACsv."""
    if reason := next(filter(None, map(unstorable, names)), None):
        raise NotACsv(f"The header {reason}.")
    expected = f"The first line must name {', '.join(REQUIRED)}, and may name description."
    if missing := [name for name in REQUIRED if name not in names]:
        raise NotACsv(f"The column {missing[0]} is missing. {expected}")
    if unknown := [name for name in names if name and name not in KNOWN]:
        more = f" and {len(unknown) - 1:,} more are" if len(unknown) > 1 else " is"
        raise NotACsv(f"The column {unknown[0][:50]!r}{more} not known. {expected}")
    if twice := next((name for name in KNOWN if names.count(name) > 1), None):
        raise NotACsv(f"The column {twice} is named more than once.")
    return names


def row_of(line: int, names: list[str], values: list[str], bad: BadRows, *, point: bool) -> Row | None:
    """Return a row if it is good, and note it if it is not; `point` says that prices have a decimal point."""
    try:
        return Row(line, record_of(cells_of(names, values), point=point))
    except Misfit as misfit:
        bad.add(line, misfit.field, misfit.message)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        too_long = first["type"] == "string_too_long"
        message = f"must have at most {first['ctx']['max_length']:,} characters" if too_long else words_of(first)
        bad.add(line, str(first["loc"][0]), message)
    return None


def cells_of(names: list[str], values: list[str]) -> dict[str, str]:
    """Return what the cells say, by column. Cells without a column must be empty. Raises Misfit."""
    if any(name in REQUIRED for name in names[len(values) :]) or not all(map(NOTHING.fullmatch, values[len(names) :])):
        count = "1 value" if len(values) == 1 else f"{len(values):,} values"
        raise Misfit("row", f"has {count}, the header names {len(names)}")
    cells = {}
    for number, (name, value) in enumerate(zip(names, values, strict=False), start=1):
        if name and (reason := unstorable(value)):
            raise Misfit(name, reason)
        if not name and not NOTHING.fullmatch(value):
            raise Misfit("row", f"has a value in column {number}, which has no name")
        cells[name] = csv_cell_text(value)
    if missing := next((name for name in REQUIRED if not cells[name].strip()), None):
        raise Misfit(missing, "is missing")
    return cells


def record_of(cells: dict[str, str], *, point: bool) -> Record:
    """Return the product of one row. Raises ValidationError, and Misfit for its price."""
    said: dict[str, Any] = {name: cells[name] for name in KNOWN if name in cells} | {"price": 0}
    record = Record(**said)
    try:
        record.price = minor_units(cells["price"], record.currency, point=point)
    except NotMoney as error:
        raise Misfit("price", str(error)) from None
    return record


def unstorable(value: str) -> str | None:
    """Return why the database cannot store it as text, if so."""
    if "\0" in value:
        return "has a NUL character"
    if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        return "is not UTF-8; save the file as 'CSV UTF-8'"
    return None
