"""Products, for tests of the whole."""

from uuid import uuid4

import httpx

from tests.cast import TestUser
from tests.integration.test_pages_forms import sent, token_in
from tests.samples import Do, Samples
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


def a_product(**more: object) -> dict[str, object]:
    return TEA | {"sku": f"TEA-{uuid4().hex[:12]}"} | more


def on_a_product(verb: str) -> Do:
    """Change a product by the API."""

    def act(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
        made = user.http.post("/api/products", json=a_product()).json()
        body = {"json": a_product(name="Green tea")} if verb == "PUT" else {}
        return user.http.request(verb, f"/api/products/{made['id']}", **body)

    return act


def on_its_page(verb: str) -> Do:
    """Change a product on its page."""

    def act(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
        page = f"/products/{user.http.post('/api/products', json=a_product()).json()['id']}"
        token = token_in(browser.get(f"{page}/edit").text)
        return browser.post(f"{page}/{verb}", data=a_product(price="12.50") | {"csrf_token": token})

    return act


def imported_on_the_page(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
    token = token_in(browser.get("/products/imports").text)
    return browser.post("/products/imports", data={"csrf_token": token}, files={"file": ("tea.csv", CSV, "text/csv")})


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
    acts={
        "products.create_product": (
            "product.created",
            lambda stack, user, browser: user.http.post("/api/products", json=a_product()),
        ),
        "products.edit_product": ("product.changed", on_a_product("PUT")),
        "products.delete_product": ("product.deleted", on_a_product("DELETE")),
        "catalogue_pages.create": (
            "product.created",
            lambda stack, user, browser: sent(browser, "/products/new", **a_product(price="4.99")),
        ),
        "catalogue_pages.change": ("product.changed", on_its_page("edit")),
        "catalogue_pages.delete": ("product.deleted", on_its_page("delete")),
        "imports.submit_import": (
            "products.imported",
            lambda stack, user, browser: user.http.post(
                "/api/imports", content=CSV, headers={"Content-Type": "text/csv"}
            ),
        ),
        "imports_pages.submit": ("products.imported", imported_on_the_page),
        "exports.submit_export": (
            "products.exported",
            lambda stack, user, browser: user.http.post("/api/exports"),
        ),
        "exports_pages.submit": (
            "products.exported",
            lambda stack, user, browser: sent(browser, "/products/exports"),
        ),
    },
    unaudited={
        "products_pages.add": "it changes nothing but that a job begins, and its row names its submitter and request"
    },
    live=live,
)
