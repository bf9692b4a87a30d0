"""The catalogue: one page of it, by SKU, and its changes."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, NotFound
from bellhop_ledger.api import Amount, Currency, clock, uuid7
from bellhop_products.tables import Description, Name, Product, Sku
from bellhop_web.plugin import PageQuery, RequestBody, Utc, note_act


class NoSuchProduct(NotFound):
    """There is no product with this id."""


class SkuTaken(Conflict):
    """Another product has this SKU."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("sku", "belongs to another product")])


class ProductFields(RequestBody):
    """What is said of a product."""

    sku: Sku = Field(description="The number under which you stock it: unique, in ASCII", examples=["TEA-100"])
    name: Name = Field(examples=["Green tea, 100 g"])
    description: Description = ""
    price: Amount = Field(description="In minor units of the currency, such as cents", examples=[499])
    currency: Currency = Field(description="ISO 4217", examples=["EUR"])


class ProductQuery(PageQuery):
    """Which products to list."""

    list_name: ClassVar[str] = "products"
    sku: Sku | None = Field(default=None, description="Only products whose SKU begins with this", examples=["TEA-"])


class ProductView(BaseModel):
    """A product."""

    id: UUID
    sku: str
    name: str
    description: str
    price: int = Field(description="In minor units of the currency, such as cents")
    currency: str
    created_at: Utc
    updated_at: Utc


class ProductPageView(BaseModel):
    """One page of products, by SKU."""

    products: list[ProductView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def view(product: Product) -> ProductView:
    """Show a product."""
    return ProductView.model_construct(**{name: getattr(product, name) for name in ProductView.model_fields})


def page(db: Session, query: ProductQuery) -> ProductPageView:
    """Return one page; products that are added meanwhile neither shift nor repeat what the later pages show."""
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    wanted = select(Product).order_by(Product.sku).limit(query.rows_to_read)
    if query.sku is not None:
        wanted = wanted.where(func.starts_with(Product.sku, query.sku))
    if query.cursor is not None:
        wanted = wanted.where(Product.sku > query.place()[0])
    shown, cursor = query.page_of(db.scalars(wanted).all(), lambda product: [product.sku])
    return ProductPageView.model_construct(products=[view(product) for product in shown], next_cursor=cursor)


def find(db: Session, id: UUID) -> Product:
    """Return a product. Raises NoSuchProduct."""
    if (product := db.get(Product, id)) is None:
        raise NoSuchProduct
    return product


def create(db: Session, fields: ProductFields) -> Product:
    """Add a product. Raises SkuTaken."""
    added = insert(Product).values(id=uuid7(), **fields.model_dump()).on_conflict_do_nothing()
    product: Product | None = db.scalar(added.returning(Product))
    if product is None:
        raise SkuTaken
    _note(db, "product.created", product)
    return product


def edit(db: Session, id: UUID, fields: ProductFields) -> Product:
    """Replace a product. Raises NoSuchProduct, SkuTaken."""
    product = find(db, id)
    for name, value in fields.model_dump().items():
        setattr(product, name, value)
    product.updated_at = clock.now()
    try:
        db.flush()
    except IntegrityError as error:
        raise SkuTaken from error
    _note(db, "product.changed", product)
    return product


def remove(db: Session, id: UUID) -> Product:
    """Delete a product and give what it was. Raises NoSuchProduct."""
    product = find(db, id)
    db.delete(product)
    _note(db, "product.deleted", product)
    return product


def _note(db: Session, action: str, product: Product) -> None:
    note_act(db, action, "product", product.id, sku=product.sku)
