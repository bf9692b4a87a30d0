"""Guessable passwords: what is tried first, however it is dressed up, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.accounts.guessable import COMMON, is_guessable
from bellhop_ledger.accounts.passwords import LONGEST

ADA = "ada.lovelace@example.org"
GUESSED = """
    password12 Password123! P@ssw0rd12 Passw0rd!2 PASSWORD12 ｐａｓｓｗｏｒｄ12 passwordpassword iloveyou12 letmein123
    qwertyuiop qwerty12345 1q2w3e4r5t zaq12wsxcde3 asdfghjkl; 1234567890 0987654321 12341234123412 1111111111
    aaaaaaaaaa .......... abcdefghij abc123abc123 administrator adminadmin changeme12 welcome2024 Summer2024!
    jennifer1990 superman123 starwars1977 baseball99 liverpoolfc footballfootball monkey1234 secret1234
    correcthorsebatterystaple bellhop2024 Bellhop!2024 bellhopbellhop bellhop-bellhop b3llh0p123
    ada.lovelace@example.org ADA.LOVELACE1 adalovelace1 example.org12 adaadaadaada lovelace99 10v3l4c3-99
"""


@pytest.mark.parametrize("password", GUESSED.split())
def test_what_is_tried_first_is_guessable(password: str) -> None:
    assert is_guessable(password, ADA)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "correct horse battery",
        "a good password",
        "an entirely new password",
        "wombat gravel",
        "mein altes fahrrad",
        "GrüßeAusBerlin",
        "Tr0ub4dor&3",
        "7f3kq9zmw2",
        "9f8e7d6c5b4a3",
        "aaakz7!bq9w",
    ],
)
def test_what_has_enough_of_its_own_is_not(password: str) -> None:
    assert not is_guessable(password, ADA)


@pytest.mark.parametrize("word", sorted(COMMON.split()))
@pytest.mark.parametrize("dress", ["{}1234567890", "{}!2024", "{}{}{}", "1{}1"])
def test_no_common_word_is_saved_by_what_stands_around_it(word: str, dress: str) -> None:
    assert is_guessable(dress.format(*[word.capitalize()] * 3))


@given(st.text(min_size=4, max_size=12).filter(lambda name: name.isalnum() and name.isascii()), st.integers(0, 99))
def test_a_password_made_of_the_address_is_guessable(name: str, number: int) -> None:
    assert is_guessable(f"{name}{number}", f"{name}@example.org")


@given(st.text(max_size=LONGEST), st.text(max_size=40))
def test_every_text_gets_an_answer(password: str, context: str) -> None:
    assert is_guessable(password, context) in {True, False}
