"""Routes of /api/products: the catalogue."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.api import transaction
from bellhop_products.web import catalogue
from bellhop_products.web.catalogue import ProductFields, ProductPageView, ProductQuery, ProductView, view
from bellhop_web.plugin import Parameters, answers, blueprint, respond

bp = blueprint("products", "/api/products", public=("list_products", "show_product"))


class ProductPath(Parameters):
    """Which product."""

    product_id: UUID = Field(description="The product's `id`")


@bp.get("", responses=answers(200, ProductPageView))
def list_products(query: ProductQuery) -> Response:
    """List products by their SKU. Take the next page with `cursor`."""
    with transaction() as db:
        found = catalogue.page(db, query)
    return respond(found)


@bp.post("", responses=answers(201, ProductView, 400, 409, 413, 415))
def create_product(body: ProductFields) -> Response:
    """Add a product."""
    with transaction() as db:
        product = catalogue.create(db, body)
    return respond(view(product), 201, {"Location": f"/api/products/{product.id}"})


@bp.get("/<product_id>", responses=answers(200, ProductView, 404))
def show_product(path: ProductPath) -> Response:
    """Show a product."""
    with transaction() as db:
        product = catalogue.find(db, path.product_id)
    return respond(view(product))


@bp.put("/<product_id>", responses=answers(200, ProductView, 400, 404, 409, 413, 415))
def edit_product(path: ProductPath, body: ProductFields) -> Response:
    """Replace a product."""
    with transaction() as db:
        product = catalogue.edit(db, path.product_id, body)
    return respond(view(product))


@bp.delete("/<product_id>", responses=answers(200, ProductView, 404))
def delete_product(path: ProductPath) -> Response:
    """Delete a product. The answer shows what it was."""
    with transaction() as db:
        product = catalogue.remove(db, path.product_id)
    return respond(view(product))
