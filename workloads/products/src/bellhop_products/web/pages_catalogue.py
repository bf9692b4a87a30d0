"""The pages on which operators add, change and delete products."""

from uuid import UUID

from flask import Response
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Fault, Invalid
from bellhop_ledger.api import NotMoney, TypedCurrency, major_units, minor_units, transaction
from bellhop_products.tables import Description, Name, Sku
from bellhop_products.web import catalogue
from bellhop_products.web.catalogue import ProductFields
from bellhop_web.plugin import Access, flash, pages_blueprint, read_form, render, see_other, show_again

bp = pages_blueprint("catalogue", "/products", access=Access.OPERATOR)


class ProductForm(BaseModel):
    """A product as it is typed: the price in major units, such as 12.50."""

    sku: Sku
    name: Name
    description: Description = ""
    price: str
    currency: TypedCurrency

    def fields(self) -> ProductFields:
        """Turn the price into minor units. Raises Invalid."""
        try:
            price = minor_units(self.price, self.currency)
        except NotMoney as error:
            raise Invalid(faults=[Fault("price", str(error))]) from None
        return ProductFields(**self.model_dump() | {"price": price})


@bp.get("/new")
def new() -> Response:
    """Show an empty form."""
    return render("products/edit.html", product=None, price="")


@bp.post("/new")
@show_again(new)
def create() -> AnyResponse:
    """Add a product."""
    with transaction() as db:
        product = catalogue.create(db, read_form(ProductForm).fields())
    flash(f"{product.name} is in the catalogue.")
    return see_other("products_pages.index")


@bp.get("/<uuid:product_id>/edit")
def edit(product_id: UUID) -> Response:
    """Show the form of a product."""
    with transaction() as db:
        product = catalogue.find(db, product_id)
    return render("products/edit.html", product=product, price=major_units(product.price, product.currency))


@bp.post("/<uuid:product_id>/edit")
@show_again(edit)
def change(product_id: UUID) -> AnyResponse:
    """Change a product."""
    with transaction() as db:
        product = catalogue.edit(db, product_id, read_form(ProductForm).fields())
    flash(f"{product.name} is changed.")
    return see_other("products_pages.index")


@bp.post("/<uuid:product_id>/delete")
def delete(product_id: UUID) -> AnyResponse:
    """Delete a product."""
    with transaction() as db:
        product = catalogue.remove(db, product_id)
    flash(f"{product.name} is deleted.")
    return see_other("products_pages.index")
