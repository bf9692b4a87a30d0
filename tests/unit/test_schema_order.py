"""A published schema keeps the order of its properties, which jsonb does not."""

from typing import Any

from bellhop_ledger.tasks.ordering import in_order, with_order

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "properties": {"type": "object", "properties": {"street": {}, "no": {}}},
        "default": {"$ref": "#/$defs/Address", "default": {"properties": {"b": 1, "a": 2}}},
        "a": {"anyOf": [{"properties": {"zone": {}, "at": {}}}, {"type": "null"}]},
    },
    "$defs": {"Address": {"properties": {"street": {}, "no": {}}}},
}


def as_jsonb(value: Any) -> Any:
    """Return a value as Postgres gives it back: the names of an object by their length, and then by their bytes."""
    if isinstance(value, list):
        return [as_jsonb(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: as_jsonb(value[name]) for name in sorted(value, key=lambda name: (len(name), name.encode()))}


def test_the_order_survives_the_database() -> None:
    read = in_order(as_jsonb(with_order(SCHEMA)))

    assert read == SCHEMA
    assert [*read["properties"]] == ["properties", "default", "a"]
    assert [*read["properties"]["properties"]["properties"]] == ["street", "no"]
    assert [*read["properties"]["a"]["anyOf"][0]["properties"]] == ["zone", "at"]
    assert [*read["$defs"]["Address"]["properties"]] == ["street", "no"]


def test_a_schema_of_the_release_before_is_read_as_it_is() -> None:
    assert in_order(SCHEMA) == SCHEMA


def test_names_that_the_list_has_wrong_are_neither_lost_nor_made_up() -> None:
    schema = {"properties": {"a": {}, "b": {}}, "x-bellhop-order": ["gone", "b"]}

    assert [*in_order(schema)["properties"]] == ["b", "a"]
