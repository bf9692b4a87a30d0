"""What the web service serves of products."""

from bellhop_web.plugin import LARGEST_FILE, LARGEST_FORM, Domain, Link

domain = Domain(
    package=__name__,
    tags={"products": "A catalogue, from CSV files and back"},
    api=("api", "api_imports", "api_exports"),
    pages=("pages", "pages_catalogue", "pages_imports", "pages_exports"),
    acts=("product.created", "product.changed", "product.deleted", "products.imported", "products.exported"),
    links=(
        Link(
            label="Products",
            path="/products",
            words="A list that stays quick while long imports, exports and slow sums run behind it.",
        ),
    ),
    located=("submit_import", "submit_export"),
    costly=(
        "imports.submit_import",
        "imports_pages.submit",
        "exports.submit_export",
        "exports_pages.submit",
        "products_pages.add",
    ),
    bodies={"/api/imports": LARGEST_FILE, "/products/imports": LARGEST_FILE + LARGEST_FORM},
)
