"""Products: a catalogue, its import and export, and work that takes too long for a request."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bellhop.signature import signature
from bellhop.text import ONE_LINE, Shape
from bellhop_ledger.api import Base, File, Job, Time, User, uuid7

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
    job_id: Mapped[UUID] = mapped_column(ForeignKey(Job.id, ondelete="CASCADE"), unique=True)
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
    job_id: Mapped[UUID] = mapped_column(ForeignKey(Job.id, ondelete="CASCADE"), unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"), index=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey(File.id, ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())


class BadRow(BaseModel):
    """One row that cannot be taken: the line on which it begins, the column at fault and the reason."""

    line: int
    field: str
    message: str


class ImportReport(BaseModel):
    """What became of an import, in rows."""

    imported: bool = Field(description="Whether anything of it was taken")
    problem: str | None = Field(default=None, description="Why the file as a whole was refused")
    rows: int = Field(default=0, description="Rows that were read, without the header")
    created: int = Field(default=0, description="Products that are new")
    updated: int = Field(default=0, description="Products that have changed")
    unchanged: int = Field(default=0, description="Products that were the same already")
    bad: int = Field(default=0, description="Rows that cannot be taken")
    bad_rows: list[BadRow] = Field(default=[], description="The first 100 of them")


class ExportReport(BaseModel):
    """What an export has written."""

    rows: int
    bytes: int


@signature("products.very_slow_add", queue="slow", soft_limit=30, hard_limit=60)
def very_slow_add(*, a: int, b: int) -> int:
    """Add two numbers in three seconds. Safe to repeat: it changes nothing."""


@signature("products.import_csv", queue="slow", soft_limit=1800, hard_limit=1860)
def import_csv(*, import_id: UUID) -> ImportReport:
    """Take the products of a CSV file, all or none unless it says partial. Safe to repeat: products go by their SKU."""


@signature("products.export_csv", queue="slow", soft_limit=1800, hard_limit=1860)
def export_csv(*, export_id: UUID) -> ExportReport:
    """Write all products into a CSV file. Safe to repeat: the file and the job's end are one transaction."""
