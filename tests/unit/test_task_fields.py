"""The arguments of a task as rows that people read."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bellhop_web.tasks.fields import FieldRow, kind_of, rows_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    street: str = Field(description="With the `number`")
    zip: str | None = None


class Arguments(BaseModel):
    id: int = Field(ge=1, description="Of the invoice")
    colour: Colour = Colour.RED
    to: Address
    others: list[Address] = []
    headers: dict[str, str] = {}
    names: Annotated[list[str], Field(max_length=3)] = []
    token: str | None = None


ROWS = {row.path: row for row in rows_of(Arguments.model_json_schema(), {"token": {}})}


def facts(path: str) -> tuple[str, bool, str | None]:
    row = ROWS[path]
    return row.kind, row.required, row.default


def test_each_field_has_a_row_and_nested_ones_have_their_path() -> None:
    assert list(ROWS) == [
        *("id", "colour", "to", "to.street", "to.zip", "others", "others[].street", "others[].zip"),
        *("headers", "names", "token"),
    ]


def test_types_and_defaults_are_in_words() -> None:
    assert facts("id") == ("whole number", True, None)
    assert facts("colour") == ("one of these", False, '"red"')
    assert facts("to.zip") == ("text or null", False, "null")
    assert facts("others") == ("list of object", False, "[]")
    assert facts("headers") == ("names with text", False, "{}")
    assert facts("names") == ("list of text", False, "[]")


def test_choices_limits_descriptions_and_secrets_are_told() -> None:
    assert ROWS["colour"].choices == ["red", "blue"]
    assert ROWS["id"].limits == ["at least 1"]
    assert ROWS["names"].limits == ["at most 3 of them"]
    assert (ROWS["id"].description, ROWS["to.street"].description) == ("Of the invoice", "With the number")
    assert [path for path, row in ROWS.items() if row.secret] == ["token"]


def test_a_schema_that_contains_itself_ends() -> None:
    tree: dict[str, Any] = {"properties": {"child": {"$ref": "#/$defs/Tree"}}}

    rows = rows_of({"properties": {"root": {"$ref": "#/$defs/Tree"}}, "$defs": {"Tree": tree}}, {})

    assert [row.path for row in rows][-1].count("child") == 4
    assert all(isinstance(row, FieldRow) for row in rows)


def test_what_is_not_described_is_any_value() -> None:
    assert kind_of({}, {}) == "any value"
    assert kind_of({"type": ["string", "null"]}, {}) == "text or null"
    assert kind_of({"type": "string", "format": "date-time"}, {}) == "date and time"
