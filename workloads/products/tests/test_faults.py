"""A worker dies in the middle of an import: the products of the file are there all, and once."""

from uuid import uuid4

from tests.locks import someone_waits
from tests.workers import WithWorker
from workloads.products.tests.locks import product_held_back
from workloads.products.tests.test_imports import HEADER, count, rows, send


def test_an_import_whose_worker_is_killed_half_way_is_there_whole_and_once(with_worker: WithWorker) -> None:
    stack, prefix = with_worker(), uuid4().hex
    with product_held_back(stack, f"{prefix}-000300"):
        receipt = send(stack, HEADER + rows(prefix, 500)).json()
        someone_waits(stack, "%INTO products%")
        stack.kill("worker")
    seen = count(stack, prefix)

    stack.start_service("worker")
    job = stack.ended(receipt["job_id"])

    report = stack.http.get(f"/api/imports/{receipt['id']}").json()["report"]
    assert (seen, count(stack, prefix)) == (0, 500)
    assert (job["state"], job["attempt"], report["created"]) == ("succeeded", 2, 500)
