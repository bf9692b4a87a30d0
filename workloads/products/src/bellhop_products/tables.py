"""Products: a catalogue, its import and export, and work that takes too long for a request."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bellhop.text import ONE_LINE, Shape
from bellhop_ledger.api import File, Time, User, metadata_of, uuid7

SPOILT = r"\d+(?:[.,]\d+)?[eE]\+\d+$|#(?:N/A|(?:REF|VALUE|DIV/0|NUM|NULL)!|NAME\?|#+)$"
"""What a spreadsheet makes of a number that it finds too long, of a formula that fails and of a column too narrow."""
Sku = Annotated[
    str,
    Field(max_length=64),
    Shape(
        rf"(?!{SPOILT})[!-~](?:[ -~]*[!-~])?",
        "1 to 64 printable characters of ASCII, and not what a spreadsheet makes of a long number, such as 8.90E+12",
    ),
]
Name = Annotated[str, Field(max_length=200), ONE_LINE]
Description = Annotated[str, Field(max_length=10_000)]


class Base(DeclarativeBase):
    """What the tables of products are made from."""

    metadata = metadata_of("products")


class Product(Base):
    """One thing that is for sale; its price is in minor units (cents) of its currency."""

    __tablename__ = "products"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    sku: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    price: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (
        CheckConstraint("length(sku) BETWEEN 1 AND 64", name="sku"),
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        CheckConstraint("length(description) <= 10000", name="description"),
        CheckConstraint("price BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )


class ProductImport(Base):
    """A CSV file that was sent in, and what became of it; it goes when its job goes."""

    __tablename__ = "product_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    job_id: Mapped[UUID] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"), index=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id, ondelete="SET NULL"), index=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    partial: Mapped[bool]
    """Whether the good rows are taken although others are bad."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (CheckConstraint("size > 0", name="size"),)


class ProductExport(Base):
    """All products as a file, made by a job; it goes when its job goes."""

    __tablename__ = "product_exports"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    job_id: Mapped[UUID] = mapped_column(unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"), index=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id, ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
