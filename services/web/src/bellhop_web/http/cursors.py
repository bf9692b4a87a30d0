"""Cursors: a place in a list, signed, so that one of another list or with other filters does not fit."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BeforeValidator, Field

from bellhop.errors import Fault, Invalid
from bellhop.text import Shape
from bellhop_web.http.fields import number
from bellhop_web.http.request import Query

R = TypeVar("R")
A_CURSOR = Shape(r"\.?[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{27}", "the next_cursor of a page", as_it_is=True)


class NoSuchPlace(Invalid):
    """The cursor does not belong to this list with these filters."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("cursor", "does not belong to this list with these filters")])


class PageQuery(Query):
    """Which page of a list; what a list can be filtered by are further fields."""

    list_name: ClassVar[str]

    limit: Annotated[int, BeforeValidator(number)] = Field(
        default=50, ge=1, le=200, description="How many a page has at most"
    )
    cursor: Annotated[str, Field(max_length=300), A_CURSOR] | None = Field(
        default=None, description="The `next_cursor` of the page before, with the same filters"
    )

    @property
    def filters(self) -> dict[str, Any]:
        """All but the place in the list."""
        return self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)

    @property
    def rows_to_read(self) -> int:
        """One more than the page has: so it is seen whether another page follows."""
        return self.limit + 1

    def page_of(self, rows: Sequence[R], place: Callable[[R], Sequence[str]]) -> tuple[list[R], str | None]:
        """Return the rows of this page and the cursor of the next one, None on the last.

        `rows` are at most `rows_to_read`; `place` says where a row stands in the order of the list.
        """
        shown = list(rows[: self.limit])
        return shown, self.cursor_at(place(shown[-1])) if len(rows) > self.limit else None

    def cursor_at(self, place: Sequence[str]) -> str:
        """Return the cursor that leads on from a place."""
        return str(self._signer().dumps(list(place)))

    def place(self) -> list[str]:
        """Return the place from which the cursor leads on. Raises NoSuchPlace."""
        try:
            return [str(part) for part in self._signer().loads(self.cursor or "")]
        except BadData:
            raise NoSuchPlace from None

    def _signer(self) -> URLSafeSerializer:
        filters = hashlib.sha256(repr(sorted(self.filters.items())).encode()).hexdigest()
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"{self.list_name}:{filters}")
