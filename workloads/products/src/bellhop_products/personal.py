"""What products keep of people: who has imported and exported the catalogue, which itself is nobody's."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bellhop_ledger.api import PersonalData, PersonalRows
from bellhop_products.tables import ProductExport, ProductImport

OF_NOBODY = "products.csv"
"""What a file is called that may have been named by somebody who is gone."""


def export(db: Session, user_id: UUID) -> PersonalRows:
    """Return the imports and exports that somebody has asked for."""
    imports = select(ProductImport.id, ProductImport.job_id, ProductImport.name, ProductImport.size)
    exports = select(ProductExport.id, ProductExport.job_id, ProductExport.created_at)
    imports = imports.add_columns(ProductImport.created_at, ProductImport.report)
    return {
        "imports": db.execute(imports.where(ProductImport.user_id == user_id)).mappings(),
        "exports": db.execute(exports.where(ProductExport.user_id == user_id)).mappings(),
    }


def erase(db: Session, user_id: UUID) -> None:
    """Make them nobody's. They go with their jobs."""
    mine = ProductImport.user_id == user_id
    db.execute(update(ProductImport).where(mine).values(user_id=None, name=OF_NOBODY))
    db.execute(update(ProductExport).where(ProductExport.user_id == user_id).values(user_id=None))


personal = PersonalData(export=export, erase=erase)
