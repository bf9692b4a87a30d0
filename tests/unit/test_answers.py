"""Answers: models of what is known to be right."""

from typing import Any

from pydantic import BaseModel, Field

from bellhop_web.http.answers import trusted


class View(BaseModel):
    id: int
    names: list[str] = Field(description="Some")
    parent: "View | None" = None


def test_a_trusted_model_is_the_one_that_the_library_would_construct() -> None:
    facts: dict[str, Any] = {"parent": View(id=2, names=[]), "names": ["a"], "id": 1}

    made, constructed = trusted(View, **facts), View.model_construct(**facts)

    assert made == constructed
    assert made.model_dump_json() == constructed.model_dump_json()
    assert made.model_fields_set == constructed.model_fields_set
    assert made.model_copy(update={"id": 3}).model_dump() == {**constructed.model_dump(), "id": 3}
