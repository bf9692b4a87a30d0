"""Forms made of a schema: whatever value fits it, its fields give it back, and no secret gets into a page."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import validator_for
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from bellhop.secret import Secret
from bellhop_ledger.platform.secrets import MASK
from bellhop_web.schema_forms.form import SchemaForm, ShownForm
from bellhop_web.schema_forms.shown import Kind, Shown
from bellhop_web.schema_forms.values import same


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Address(BaseModel):
    street: str
    zip: Annotated[str, Field(pattern="^[0-9]{4}$")] = "1010"
    floor: int | None = None


class Card(BaseModel):
    kind: Literal["card"]
    number: str
    hold: bool = False


class Transfer(BaseModel):
    kind: Literal["transfer"]
    iban: str
    note: str | None = None


class Tree(BaseModel):
    name: str
    children: "list[Tree]" = []


Payment = Annotated[Card | Transfer, Field(discriminator="kind")]


class Everything(BaseModel):
    """Each kind of field that a task can ask for."""

    model_config = ConfigDict(extra="forbid")

    text: str
    count: Annotated[int, Field(ge=0, le=9)] = 3
    ratio: float | None = None
    flag: bool = True
    sure: bool
    size: Size = Size.SMALL
    method: Literal["GET", "POST"] | None = None
    level: Literal[1, 2, 3] = 2
    id: UUID | None = None
    at: datetime | None = None
    on: date | None = None
    amount: Decimal | None = None
    names: list[str] = []
    numbers: list[int]
    sizes: list[Size] | None = None
    labels: dict[str, str] = {}
    scores: dict[str, float] | None = None
    address: Address
    second: Address | None = None
    payment: Payment
    fallback: Payment | None = None
    body: str | dict[str, Any] | list[Any] | None = None
    pair: tuple[int, str] | None = None
    tree: Tree | None = None
    anything: Any = None


SCHEMA = Everything.model_json_schema()
LEAST = {
    "text": "a",
    "sure": True,
    "numbers": [],
    "address": {"street": "b"},
    "payment": {"kind": "card", "number": "1"},
}


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """A page on which forms are shown."""
    with flask.Flask(__name__).app_context():
        yield


def sent(shown: ShownForm) -> dict[str, str]:
    """What a browser sends of a form that nobody has changed."""
    return shown.field.posted()


def again(form: SchemaForm, value: Any, **how: Any) -> Any:
    """The value that comes back when a form with it is sent as it is."""
    reading = form.read(sent(form.show(value, **how)))
    assert reading.faults == []
    return reading.value


def fields_of(shown: ShownForm) -> dict[str, Shown]:
    return {one.name: one for one in shown.field.all()}


def complete(schema: dict[str, Any], value: Any, whole: dict[str, Any]) -> Any:
    """Return a value with the defaults of its objects: what is left out is what they say."""
    if name := schema.get("$ref", "").removeprefix("#/$defs/"):
        schema = whole["$defs"][name]
    if value is not None and (options := schema.get("anyOf") or schema.get("oneOf")):
        fitting = [one for one in options if fits({**one, "$defs": whole["$defs"]}, value)]
        return complete(fitting[0], value, whole)
    if isinstance(value, dict) and "properties" in schema:
        defaults = {key: one["default"] for key, one in schema["properties"].items() if "default" in one}
        return {key: complete(schema["properties"].get(key, {}), one, whole) for key, one in (defaults | value).items()}
    return value


def fits(schema: dict[str, Any], value: Any) -> bool:
    return bool(validator_for(schema).is_valid(value))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
MONEY = st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str)
FLOORS = st.none() | st.integers()
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one, max_size=3),
    max_leaves=5,
)
ADDRESSES = st.fixed_dictionaries(
    {"street": TEXTS}, optional={"zip": st.sampled_from(["1010", "8010"]), "floor": FLOORS}
)
CARDS = st.fixed_dictionaries({"kind": st.just("card"), "number": TEXTS}, optional={"hold": st.booleans()})
TRANSFERS = st.fixed_dictionaries({"kind": st.just("transfer"), "iban": TEXTS}, optional={"note": st.none() | TEXTS})
PAYMENTS = CARDS | TRANSFERS
TREES = st.recursive(
    st.fixed_dictionaries({"name": TEXTS}),
    lambda one: st.fixed_dictionaries({"name": TEXTS}, optional={"children": st.lists(one, max_size=2)}),
    max_leaves=4,
)
SIZES = st.sampled_from(["small", "large"])
REQUIRED = {
    "text": TEXTS,
    "sure": st.booleans(),
    "numbers": st.lists(st.integers(), max_size=3),
    "address": ADDRESSES,
    "payment": PAYMENTS,
}
OPTIONAL = {
    "count": st.integers(0, 9),
    "ratio": st.none() | NUMBERS,
    "flag": st.booleans(),
    "size": SIZES,
    "method": st.sampled_from([None, "GET", "POST"]),
    "level": st.sampled_from([1, 2, 3]),
    "id": st.none() | st.uuids().map(str),
    "at": st.none() | st.datetimes().map(lambda one: f"{one.isoformat()}Z"),
    "on": st.none() | st.dates().map(str),
    "amount": st.none() | NUMBERS | MONEY,
    "names": st.lists(TEXTS, max_size=3),
    "sizes": st.none() | st.lists(SIZES, max_size=3),
    "labels": st.dictionaries(TEXTS, TEXTS, max_size=3),
    "scores": st.none() | st.dictionaries(TEXTS, NUMBERS, max_size=3),
    "second": st.none() | ADDRESSES,
    "fallback": st.none() | PAYMENTS,
    "body": st.none() | TEXTS | st.lists(JSON, max_size=2) | st.dictionaries(TEXTS, JSON, max_size=2),
    "pair": st.none() | st.tuples(st.integers(), TEXTS).map(list),
    "tree": st.none() | TREES,
    "anything": JSON,
}
VALUES = st.fixed_dictionaries(REQUIRED, optional=OPTIONAL)


@given(VALUES)
def test_what_fits_the_schema_comes_back_from_its_fields_and_from_its_json(value: dict[str, Any]) -> None:
    form = SchemaForm(SCHEMA)

    for as_json in (False, True):
        back = again(form, value, as_json=as_json)
        assert same(complete(SCHEMA, back, SCHEMA), complete(SCHEMA, value, SCHEMA))


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])) | TEXTS, JSON, max_size=6))
def test_even_what_does_not_fit_comes_back_so_that_it_can_be_mended(value: dict[str, Any]) -> None:
    form = SchemaForm(SCHEMA)
    back = again(form, value)

    known = SCHEMA["properties"]
    given = {name: one for name, one in value.items() if not (one in (None, "", [], {}) and name in known)}
    assert all(
        name in back and same(back[name], one) for name, one in given.items() if name not in {"payment", "fallback"}
    )


def test_each_kind_of_value_has_its_field() -> None:
    fields = fields_of(SchemaForm(SCHEMA).show(LEAST))

    assert {name.removeprefix("args.") for name, one in fields.items() if one.kind is Kind.CHOICE} == {
        "flag", "sure", "size", "method", "level", "payment.hold",
    }  # fmt: skip
    assert (fields["args.address.street"].text, fields["args.address.zip"].text) == ("b", "")
    assert fields["args.sure"].options == [("", "choose"), ("true", "true"), ("false", "false")]
    assert fields["args.size"].options[0] == ("", "default: small")
    assert fields["args.payment:is"].options == [("0", "card"), ("1", "transfer")]
    assert fields["args.fallback:is"].options == [("", "none"), ("0", "card"), ("1", "transfer")]
    assert fields["args.at"].type == "datetime-local"
    assert fields["args.count"].hint == "An integer, 0 to 9; 3 if empty."
    assert {"args.pair:json", "args.anything:json"} <= fields.keys()


@pytest.mark.parametrize(
    ("default", "first", "hint"),
    [(3, "default: 3", ""), ("1.50", "default: 1.50", ""), (None, "none", ""), ("x" * 99, "none", "Has a default.")],
)
def test_the_default_of_one_of_several_kinds_is_the_first_choice(default: Any, first: str, hint: str) -> None:
    kind = {"anyOf": [{"type": "integer"}, {"type": "string"}], "default": default}

    either = fields_of(SchemaForm({"type": "object", "properties": {"either": kind}}).show({}))["args.either:is"]

    assert (either.options[0], either.hint) == (("", first), hint)


@pytest.mark.parametrize(("default", "hint"), [(0.5, "A number; 0.5 if empty."), (0.001, "A number; 0.001 if empty.")])
def test_a_default_is_not_rounded(default: float, hint: str) -> None:
    kind = {"type": "number", "default": default}

    assert fields_of(SchemaForm({"type": "object", "properties": {"a": kind}}).show({}))["args.a"].hint == hint


def test_a_recursive_schema_ends_in_json() -> None:
    fields = fields_of(SchemaForm(SCHEMA).show(LEAST | {"tree": {"name": "a", "children": [{"name": "b"}]}}))

    assert fields["args.tree.name"].text == "a"
    assert '"b"' in fields["args.tree.children:json"].text


def test_what_is_typed_becomes_json() -> None:
    typed = {
        "args.text": "two\r\nlines", "args.count": " 5 ", "args.ratio": "1e3", "args.sure": "false",
        "args.level": "3", "args.at": "2030-07-01T09:30", "args.labels": "a: b:c\nd:",
        "args.names": "a\r\n\r\n b \r\n", "args.numbers": "1\n2\nx",
        "args.address.street": "Ring", "args.payment:is": "1", "args.payment.iban": "AT1", "args.fallback:is": "",
        "args.anything:json": '{"a": [1.0]}',
    }  # fmt: skip

    reading = SchemaForm(SCHEMA).read(typed, zone="Europe/Vienna")

    assert reading.faults == []
    assert reading.value == {
        "text": "two\nlines", "count": 5, "ratio": 1000, "sure": False, "level": 3,
        "names": ["a", "b"], "numbers": [1, 2, "x"],
        "labels": {"a": "b:c", "d": ""}, "at": "2030-07-01T09:30:00+02:00", "address": {"street": "Ring"},
        "payment": {"kind": "transfer", "iban": "AT1"}, "anything": {"a": [1]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "path", "message"),
    [
        ("args:json", "{", "args", "is not JSON"),
        ("args:json", "[]", "args", "must be a JSON object"),
        ("args.anything:json", "{'a'}", "args.anything", "is not JSON"),
        ("args.labels", "no colon", "args.labels", "must have a name and a colon"),
        ("args.labels", "a: 1\na: 2", "args.labels", "has one name twice"),
        ("args.address:rest", "7", "args.address", "must be a JSON object"),
        ("args.text", "a\0b", "args.text", "NUL"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_path_and_kept(name: str, text: str, path: str, message: str) -> None:
    form = SchemaForm(SCHEMA)
    reading = form.read({name: text})

    assert [fault.field for fault in reading.faults] == [path]
    assert message in reading.faults[0].message
    assert sent(form.show(reading.tree, as_json=name == "args:json"))[name].strip() == text


def test_a_kind_that_was_chosen_stays_chosen_though_nothing_is_typed() -> None:
    form = SchemaForm(SCHEMA)
    shown = fields_of(form.show(form.read({"args.body:is": "1", "args.body:json": ""}).tree))

    assert shown["args.body:is"].text == "1"


class Secrets(BaseModel):
    token: Annotated[str, Secret()]
    headers: Annotated[dict[str, str], Secret(public=("accept",))] = {}
    either: Annotated[str | list[str] | None, Secret()] = None
    password: SecretStr | None = None
    plain: str = ""


SECRETS = SchemaForm(Secrets.model_json_schema())
TOLD = {
    "token": "hush-1",
    "headers": {"Accept": "text/html", "X-Key": "hush-2"},
    "either": ["hush-3"],
    "password": "hush-4",
    "plain": "seen",
}


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_put_back_into_a_page(as_json: bool) -> None:
    shown = SECRETS.show(TOLD, as_json=as_json)

    assert "hush" not in repr(shown)
    assert "seen" in repr(shown)
    assert "text/html" in repr(shown)


@pytest.mark.parametrize(
    "broken",
    [
        '{"token": "hush-1", "headers": {"a": "hush", "b": 1}, "plain": "seen"',
        "{token: 'hush'",
        '{"token" : "hush \\" hush',
    ],
)
def test_not_even_json_that_is_broken_shows_one(broken: str) -> None:
    shown = SECRETS.show(SECRETS.read({"args:json": broken}).tree, as_json=True)

    assert "hush" not in repr(shown)
    assert ("seen" in broken) is ("seen" in repr(shown))


def test_a_secret_that_is_stored_stays_without_being_typed() -> None:
    stored = {"token": MASK, "headers": {"X-Key": MASK}, "plain": "a"}

    assert again(SECRETS, stored, stored=True) == stored
    assert "token" not in again(SECRETS, stored)


def test_a_mask_in_the_headers_is_left_for_whoever_encrypts_them_to_refuse() -> None:
    assert again(SECRETS, TOLD)["headers"] == {"Accept": "text/html", "X-Key": MASK}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": True},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"properties": {"a b": {"type": "string"}, "c": True, "d": {"not": {}}, "e": {"type": ["string", "integer"]}}},
        {"properties": {"a": {"enum": ["", None, {"x": 1}]}, "f": {"type": "array"}, "g": {"allOf": [{"const": 1}]}}},
    ],
)
def test_any_schema_makes_a_form_that_gives_back_what_it_is_given(schema: dict[str, Any]) -> None:
    value = {"a b": "x", "a": {"x": 1}, "c": 3, "d": [1], "e": "y", "f": [1, [2]], "g": " ", "z": {"deep": None}}

    assert again(SchemaForm(schema), value) == value


def test_a_task_without_arguments_has_no_fields() -> None:
    schema = TypeAdapter(type("Nothing", (BaseModel,), {})).json_schema()

    assert (again(SchemaForm(schema), {}), SchemaForm(schema).show().field.children) == ({}, [])
