"""What products keep of people: it is exported, and is nobody's when the account is deleted."""

from bellhop_ledger.api import Role
from tests.cast import PASSWORD
from tests.stack import Stack
from workloads.products.tests.samples import CSV


def test_imports_and_exports_are_exported_and_become_nobodys(stack: Stack) -> None:
    user = stack.user(Role.OPERATOR)
    headers = {"Content-Type": "text/csv"}
    made = user.http.post("/api/imports", content=CSV, headers=headers).json()
    export = user.http.post("/api/exports").json()

    kept = user.http.post("/api/account/export", json={"password": PASSWORD}).json()["plug_ins"]["products"]
    gone = user.http.post("/api/account/deletion", json={"password": PASSWORD})

    assert gone.status_code == 204, gone.text
    assert [one["id"] for one in kept["imports"]] == [made["id"]]
    assert [one["id"] for one in kept["exports"]] == [export["id"]]
    assert stack.sql("SELECT user_id, name FROM products.product_imports WHERE id = %s", made["id"]) == [
        (None, "products.csv")
    ]
    assert stack.sql("SELECT user_id FROM products.product_exports WHERE id = %s", export["id"]) == [(None,)]
