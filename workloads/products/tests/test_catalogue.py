"""/api/products: the catalogue."""

from typing import Any
from uuid import uuid4

import pytest

from tests.problems import fields_of
from tests.stack import Stack


def tea(**changes: Any) -> dict[str, Any]:
    fields = {"sku": f"TEA-{uuid4().hex}", "name": "Green tea", "description": "", "price": 499, "currency": "EUR"}
    return fields | changes


def added(stack: Stack, **changes: Any) -> dict[str, Any]:
    answer = stack.http.post("/api/products", json=tea(**changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_product_is_added_shown_changed_and_deleted(stack: Stack) -> None:
    product = added(stack, name="Black tea")
    url = f"/api/products/{product['id']}"

    changed = stack.http.put(url, json=tea(sku=product["sku"], price=550)).json()

    assert (product["name"], changed["name"], changed["price"]) == ("Black tea", "Green tea", 550)
    assert stack.http.get(url).json() == changed
    assert stack.http.delete(url).json() == changed
    assert stack.http.get(url).status_code == 404


def test_everybody_may_look_and_only_operators_may_change(stack: Stack) -> None:
    product = added(stack)
    url, nobody, user = f"/api/products/{product['id']}", stack.client(), stack.user().http

    assert nobody.get(url).json() == user.get(url).json() == product
    assert nobody.post("/api/products", json=tea()).status_code == 401
    assert user.post("/api/products", json=tea()).status_code == 403
    assert [user.put(url, json=tea()).status_code, user.delete(url).status_code] == [403, 403]


def test_a_sku_belongs_to_one_product(stack: Stack) -> None:
    first, second = added(stack), added(stack)

    assert fields_of(stack.http.post("/api/products", json=tea(sku=first["sku"])), 409) == ["sku"]
    taken = stack.http.put(f"/api/products/{second['id']}", json=tea(sku=first["sku"]))
    assert fields_of(taken, 409) == ["sku"]


def test_a_wrong_filter_of_the_page_is_named_and_the_others_are_kept(stack: Stack) -> None:
    answer = stack.http.get("/products", params={"sku": "NO-SUCH", "limit": "many"})

    assert answer.status_code == 422
    assert "limit: " in answer.text
    assert "No SKU begins like that." in answer.text


def test_the_list_goes_by_sku_and_page_by_page(stack: Stack) -> None:
    prefix = uuid4().hex
    skus = [added(stack, sku=f"{prefix}-{letter}")["sku"] for letter in "cab"]

    first = stack.http.get("/api/products", params={"sku": prefix, "limit": 2}).json()
    added(stack, sku=f"{prefix}-aa")
    second = stack.http.get("/api/products", params={"sku": prefix, "cursor": first["next_cursor"]}).json()

    assert [product["sku"] for product in first["products"]] == sorted(skus)[:2]
    assert [product["sku"] for product in second["products"]] == sorted(skus)[2:]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", "x" * 65),
        ("sku", "tea\n1"),
        ("name", "  "),
        ("name", "two\nlines"),
        ("name", "x" * 201),
        ("price", -1),
        ("price", 1.5),
        ("price", 10**13),
        ("price", "5"),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("description", "x" * 10_001),
        ("colour", "green"),
    ],
)
def test_a_field_that_is_wrong_is_named(stack: Stack, field: str, value: Any) -> None:
    assert fields_of(stack.http.post("/api/products", json=tea(**{field: value}))) == [field]


def test_the_list_answers_while_every_worker_process_is_busy(stack: Stack) -> None:
    busy = [stack.submit("test.sleep", args={"seconds": 60})["id"] for _ in range(2)]
    for id in busy:
        stack.in_state(id, "running")

    listed = stack.http.get("/api/products")
    job = stack.submit("products.very_slow_add", args={"a": 1, "b": 2})
    states = {stack.job(id)["state"] for id in busy}
    for id in busy:
        stack.http.post(f"/api/jobs/{id}/cancel")

    assert (listed.status_code, job["state"], states) == (200, "queued", {"running"})
