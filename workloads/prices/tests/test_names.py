"""Names of games: kept as they are written, found as they are typed."""

import pytest

from bellhop_ledger.api import search_key
from bellhop_prices.names import LONGEST, tidy


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Half-Life\t2\r\n", "Half-Life 2"),
        ("Poke\u0301mon™", "Pokémon™"),
        ("with \0 and \ud800 in it", "with and in it"),
        ("龍が如く🐉", "龍が如く🐉"),
        ("\u2028\u0007", ""),
        ("x" * 1000, "x" * LONGEST),
    ],
)
def test_a_name_is_one_line_that_can_be_stored(name: str, kept: str) -> None:
    assert tidy(name) == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Pokémon", "pokemon"),
        ("Half-Life 2", "half life"),
        ("STRASSE", "straße"),
        ("Ведьмак 3", "ведьм"),
        ("龍が如く", "如"),
        ("Ｆｉｎａｌ Ⅶ", "final vii"),
        ("🐉 Dragon", "🐉"),
        ("...", "..."),
    ],
)
def test_a_name_is_found_by_what_people_type(name: str, typed: str) -> None:
    assert search_key(typed) in search_key(name)


@pytest.mark.parametrize("name", ["Ärger", "ドラゴン", "🐉", "!?", "नमस्ते", "مرحبا"])
def test_a_search_key_is_ascii_and_never_empty(name: str) -> None:
    assert search_key(name).isascii()
    assert search_key(name).strip()
