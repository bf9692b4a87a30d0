"""A long list in JSON, read item by item."""

import json
from decimal import Decimal

import pytest

from bellhop_worker.sources.json_list import PIECE, NotAList, items


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
        (b'{"games": [' + b"9" * 5000 + b"]}", "is not JSON"),
        (b'{"games": [' + b"[" * 100_000, "is not JSON"),
        (b'{"games": []} and more', "expected its end"),
        (b'{"games": ["\xff"]}', "UTF-8"),
        (b"\x1f\x8b\x08", "UTF-8"),
    ],
)
def test_what_is_no_such_list_is_refused_with_the_place(document: bytes, reason: str) -> None:
    with pytest.raises(NotAList, match=reason):
        list(items(document, "games"))


def test_an_item_that_never_ends_is_given_up() -> None:
    document = b'{"games": ["' + b"x" * 3_000_000

    with pytest.raises(NotAList, match="is not JSON"):
        list(items(document, "games"))
