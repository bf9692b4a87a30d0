"""The products' tasks: what web and worker share of them."""

from uuid import UUID

from pydantic import BaseModel, Field

from bellhop.signature import signature


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
