"""A long list in JSON, read item by item."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_prices.bodies.sources.json_list import PIECE, NotAList, items


def test_items_come_one_after_another_whatever_piece_they_fall_into() -> None:
    games = [{"name": f"ドラゴン {number} " + "x" * (number % 97), "price": number / 100} for number in range(5000)]
    document = json.dumps({"games": games}, ensure_ascii=False).encode()

    found = list(items(document, "games"))

    assert len(document) > 5 * PIECE
    assert [item["name"] for item in found] == [game["name"] for game in games]
    assert found[1999]["price"] == Decimal("19.99")


@pytest.mark.parametrize("document", ['{"games": []}', '\ufeff { "games" :\n[ ] } \n'])
def test_an_empty_list_has_no_items(document: str) -> None:
    assert list(items(document.encode(), "games")) == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "expected .*games"),
        (b"<!DOCTYPE html><html>", "expected .*games.* at '<!DOCTYPE"),
        (b"[1, 2]", "expected .*games"),
        (b'{"games": [1, 2', "expected"),
        (b'{"games": [1 2]}', "expected"),
        (b'{"games": [{"a": ]}', "is not JSON"),
        (b'{"games": [NaN]}', "NaN is no number"),
        (b'{"games": [1,]}', "is not JSON: Expecting value at '\\]}'"),
        (b'{"games": [,]}', "is not JSON"),
        (b'{"games": [1],}', "expected a name in quotes at '}'"),
        (b'{"games": [1] "more": 2}', "expected a comma or }"),
        (b'{"games": [1], "more"}', "expected a colon"),
        (b'{"games": [1], "games": [2]}', '"games" is there twice'),
        (b'{"games": null}', "expected .*games"),
        (b'{"games": {}}', "expected .*games"),
        (b"{}", "expected .*games"),
        (b'{"more": 1}', "expected .*games"),
        (b'{more: 1, "games": []}', "expected .*games"),
        (b'{"games": [1]', "expected a comma or }"),
        (b"{'games': []}", "expected .*games"),
        (b'{"games": [1] // two\n}', "expected a comma or }"),
        (b'{"games": [01]}', "expected a comma or ]"),
        (b'{"more": NaN, "games": []}', "NaN is no number"),
        (b'{"games": [' + b"[" * 100_000, "is not JSON"),
        (b'{"games": []} and more', "expected its end"),
        (b'{"games": ["\xff"]}', "UTF-8"),
        (b"\x1f\x8b\x08", "UTF-8"),
    ],
)
def test_what_is_no_such_list_is_refused_with_the_place(document: bytes, reason: str) -> None:
    with pytest.raises(NotAList, match=reason):
        list(items(document, "games"))


@pytest.mark.parametrize(
    "document",
    [
        b'{"generated": "2030-01-31", "games": [1, 2]}',
        b'{"games": [1, 2], "generated": {"at": [1, {"games": []}]}}',
        b' {"a" : null ,"games"\t:\r\n[ 1 ,\n2 ] , "b":1.5e3 } ',
        b'{"g\\u0061mes": [1, 2]}',
    ],
)
def test_what_stands_beside_the_list_is_passed_over(document: bytes) -> None:
    assert list(items(document, "games")) == [1, 2]


def test_a_number_of_any_length_spoils_no_other_item() -> None:
    assert len(list(items(b'{"games": [1, ' + b"9" * 5000 + b", 2]}", "games"))) == 3


@given(st.dictionaries(st.text(max_size=5), st.lists(st.integers() | st.text())), st.sampled_from([None, 1, "\t"]))
def test_whatever_python_writes_is_read(document: dict[str, list[object]], indent: int | str | None) -> None:
    document["games"] = [*document.get("games", []), {"a": None}]

    assert list(items(json.dumps(document, indent=indent).encode(), "games")) == document["games"]


def test_an_item_that_never_ends_is_given_up() -> None:
    document = b'{"games": ["' + b"x" * 3_000_000

    with pytest.raises(NotAList, match="is not JSON"):
        list(items(document, "games"))
