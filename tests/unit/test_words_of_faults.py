"""What pydantic finds wrong is said in the words in which a task's schema is applied."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from bellhop.text import words_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (int, "5x", "must be an integer"),
        (int, 5.5, "must be an integer"),
        (int, None, "must be an integer"),
        (float, "x", "must be a number"),
        (bool, "perhaps", "must be true or false"),
        (str, 5, "must be text"),
        (dict[str, int], [], "must be an object"),
        (list[int], {}, "must be a list"),
        (UUID, "x", "must be a UUID, such as 019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"),
        (AwareDatetime, "soon", "must be a date and time in ISO 8601, such as 2030-01-31T09:30:00Z"),
        (AwareDatetime, "2030-01-31T09:30:00", "must have an offset from UTC, such as Z or +02:00"),
        (timedelta, "soon", "must be a length of time: seconds, or a duration in ISO 8601 such as PT1H30M"),
        (Colour, "green", "must be 'red' or 'blue'"),
        (Annotated[int, Field(ge=1)], 0, "must be at least 1"),
        (Annotated[int, Field(le=9)], 10, "must be at most 9"),
        (Annotated[float, Field(gt=0)], 0, "must be greater than 0"),
        (Annotated[float, Field(allow_inf_nan=False)], float("inf"), "must be a finite number"),
        (Annotated[str, Field(min_length=1)], "", "must have at least 1 character"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 item"),
    ],
)
def test_a_fault_is_said_in_our_words(kind: Any, value: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)

    assert words_of(caught.value.errors()[0]) == words
