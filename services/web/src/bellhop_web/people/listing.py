"""Listing: pages of people, who came last first, and what they can be filtered by."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Row, Select, case, func, select
from sqlalchemy.orm import Session

from bellhop.text import WITHOUT_NUL
from bellhop_ledger.accounts.people import NoSuchPerson
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_web.http.cursors import NoSuchPlace, PageQuery
from bellhop_web.http.times import Utc


class Standing(StrEnum):
    """Whether somebody comes in."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    """The address is not confirmed yet."""
    DISABLED = "disabled"


STANDING = case(
    (User.disabled_at.is_not(None), Standing.DISABLED.value),
    (User.activated_at.is_(None), Standing.UNCONFIRMED.value),
    else_=Standing.ACTIVE.value,
).label("standing")
LAST_SEEN = func.greatest(
    select(func.max(SignIn.last_seen_at)).where(SignIn.user_id == User.id).scalar_subquery(),
    select(func.max(Token.last_used_at)).where(Token.user_id == User.id).scalar_subquery(),
).label("last_seen_at")


class PeopleQuery(PageQuery):
    """Which people to list."""

    list_name = "people"

    address: Annotated[str, Field(max_length=254, min_length=1), WITHOUT_NUL] | None = Field(
        default=None, description="Only people whose address contains this", examples=["ada@example.org"]
    )
    role: Role | None = Field(default=None, description="Only people with this role")
    state: Standing | None = Field(default=None, description="Only people in this state")


class PersonView(BaseModel):
    """Somebody with an account."""

    id: UUID
    email: str
    role: Role = Field(description="`viewer`, `member`, `operator` or `admin`")
    sees_payloads: bool = Field(description="Whether arguments, results, errors and logs of others' jobs are shown")
    state: Standing = Field(
        description="`active`; `unconfirmed` until the address is confirmed; `disabled`: nobody comes in with it"
    )
    created_at: Utc
    activated_at: Utc | None = Field(description="When the address was confirmed; null until then")
    disabled_at: Utc | None = Field(description="Since when nobody comes in with it; null where it is not disabled")
    last_seen_at: Utc | None = Field(
        description="The latest use of a session or token that has not been cleared away, to the minute; else null"
    )


class PeopleView(BaseModel):
    """One page of people, who came last first."""

    people: list[PersonView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def page(db: Session, query: PeopleQuery) -> PeopleView:
    """Return one page of people. Raises NoSuchPlace."""
    rows = db.execute(_selected(query).limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: [str(row.User.id)])
    return PeopleView(people=[_view(row) for row in shown], next_cursor=cursor)


def show(db: Session, id: UUID) -> PersonView:
    """Return one person. Raises NoSuchPerson."""
    row = db.execute(_people().where(User.id == id)).one_or_none()
    if row is None:
        raise NoSuchPerson
    return _view(row)


def _people() -> Select[Any]:
    there = select(User, STANDING, LAST_SEEN).where(User.deleted_at.is_(None))
    return there.execution_options(populate_existing=True)


def _selected(query: PeopleQuery) -> Select[Any]:
    wanted: list[ColumnElement[bool] | None] = [
        User.email.contains(query.address.lower(), autoescape=True) if query.address else None,
        User.role == query.role if query.role else None,
        STANDING.in_([query.state.value]) if query.state else None,
        User.id < _read(query) if query.cursor is not None else None,
    ]
    return _people().where(*[one for one in wanted if one is not None]).order_by(User.id.desc())


def _read(query: PeopleQuery) -> UUID:
    try:
        return UUID(query.place()[0])
    except ValueError:
        raise NoSuchPlace from None


def _view(row: Row[Any]) -> PersonView:
    shown = {"state", "last_seen_at"}
    facts = {name: getattr(row.User, name) for name in PersonView.model_fields.keys() - shown}
    return PersonView(**facts, state=Standing(row.standing), last_seen_at=row.last_seen_at)
