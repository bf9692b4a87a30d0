"""Products, for tests of the whole."""

from tests.samples import Samples
from tests.stack import Stack

CSV = b"sku,name,price,currency\nID-1,Chair,12.50,EUR\n"
ADDITION = {"task": "products.very_slow_add", "args": {"a": 1, "b": 2}}
TEA = {"sku": "TEA-1", "name": "Tea", "price": 499, "currency": "EUR"}


def an_export(stack: Stack) -> tuple[str, str, str]:
    export = stack.http.post("/api/exports").json()
    return export["job_id"], f"/api/exports/{export['id']}", f"/products/exports/{export['id']}"


def an_import(stack: Stack) -> tuple[str, str, str]:
    made = stack.http.post("/api/imports", content=CSV.splitlines()[0], headers={"Content-Type": "text/csv"})
    assert made.status_code == 202, made.text
    return made.json()["job_id"], f"/api/imports/{made.json()['id']}", f"/products/imports/{made.json()['id']}"


def a_sum(stack: Stack) -> tuple[str, str, str]:
    id = stack.submit(**ADDITION)["id"]
    return id, f"/api/jobs/{id}", f"/products/sums/{id}"


def live(stack: Stack) -> list[str]:
    return [an_export(stack)[2], f"/products/sums/{stack.submit(**ADDITION, delay=3600)['id']}"]


samples = Samples(
    asks={"an export": lambda stack, http: http.post("/api/exports")},
    forms={
        "a sum": lambda stack, http: http.post("/products/sums", data={"a": "1", "b": "2"}),
        "an export on its page": lambda stack, http: http.post("/products/exports"),
    },
    bodies={"/api/imports": (CSV, CSV.replace(b"Chair", b"Table")), "/api/exports": (None, None)},
    rows=("products.product_imports", "products.product_exports"),
    work={"an export": an_export, "an import": an_import, "a sum": a_sum},
    topics=("sum", "import", "export"),
    pages=("/products", "/products/exports"),
    tasks=("products.export_csv", "products.import_csv", "products.very_slow_add"),
    operations=(
        "list_products",
        "create_product",
        "show_product",
        "edit_product",
        "delete_product",
        "submit_import",
        "list_imports",
        "show_import",
        "submit_export",
        "list_exports",
        "show_export",
        "fetch_export",
    ),
    public=("list_products", "show_product"),
    rules=(
        ("ProductFields", TEA, TEA | {"currency": "ABC"}),
        ("ProductFields", TEA | {"sku": "A#1"}, TEA | {"sku": "8.90E+12"}),
    ),
    live=live,
)
