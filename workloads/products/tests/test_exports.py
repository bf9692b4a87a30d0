"""/api/exports: all products as a file, whole or in parts."""

import csv
import hashlib
import io
from typing import Any
from uuid import uuid4

import pytest

from tests.stack import Stack, wait_until
from workloads.products.tests.test_imports import imported


@pytest.fixture(scope="module")
def done(stack: Stack) -> dict[str, Any]:
    """An export that is ready."""
    imported(stack, "sku,name,price,currency\n" + "".join(f"R-{n:05},Tea {n},1,EUR\n" for n in range(20_000)))
    return exported(stack)


def exported(stack: Stack) -> dict[str, Any]:
    receipt = stack.http.post("/api/exports")
    assert receipt.status_code == 202, receipt.text
    return dict(stack.http.get(receipt.headers["Location"], params={"wait": 60}).json())


def fetched(stack: Stack, done: dict[str, Any], **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return stack.http.get(done["file"]["url"], headers=names)


def test_a_file_is_fetched_whole(stack: Stack, done: dict[str, Any]) -> None:
    answer = fetched(stack, done)

    assert (answer.status_code, len(answer.content)) == (200, done["file"]["size"])
    assert hashlib.sha256(answer.content).hexdigest() == done["file"]["sha256"]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=products-")
    assert answer.content.splitlines()[0] == b"\xef\xbb\xbfsku,name,description,price,currency"


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=262140-262150", 262_140, 262_151),
        ("bytes=262144-", 262_144, None),
        ("bytes=-7", -7, None),
        ("bytes=5-99999999999", 5, None),
    ],
)
def test_a_part_of_a_file_is_fetched(
    stack: Stack, done: dict[str, Any], asked: str, begin: int, end: int | None
) -> None:
    whole = fetched(stack, done).content

    part = fetched(stack, done, Range=asked)

    assert part.status_code == 206
    assert part.content == whole[begin:end]
    first = begin % len(whole)
    assert part.headers["Content-Range"] == f"bytes {first}-{first + len(part.content) - 1}/{len(whole)}"


def test_a_part_beyond_the_end_is_refused_with_the_size(stack: Stack, done: dict[str, Any]) -> None:
    answer = fetched(stack, done, Range="bytes=99999999999-")

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{done['file']['size']}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=x"])
def test_what_is_not_one_range_of_bytes_gets_the_whole(stack: Stack, done: dict[str, Any], asked: str) -> None:
    answer = fetched(stack, done, Range=asked)

    assert (answer.status_code, len(answer.content)) == (200, done["file"]["size"])


def test_a_download_goes_on_only_if_the_file_is_still_the_same(stack: Stack, done: dict[str, Any]) -> None:
    tag = fetched(stack, done).headers["ETag"]

    same = fetched(stack, done, Range="bytes=5-", If_Range=tag)
    other = fetched(stack, done, Range="bytes=5-", If_Range='"other"')

    assert (same.status_code, other.status_code) == (206, 200)
    assert fetched(stack, done, If_None_Match=tag).status_code == 304


def test_an_export_is_its_owners_and_the_operators(stack: Stack) -> None:
    owner, other = stack.user().http, stack.user().http
    url = owner.post("/api/exports").headers["Location"]
    file = owner.get(url, params={"wait": 60}).json()["file"]["url"]

    assert owner.get(file).status_code == stack.http.get(file).status_code == 200
    assert [other.get(url).status_code, other.get(file).status_code] == [404, 404]
    assert len(owner.get("/api/exports").json()["exports"]) == 1
    assert other.get("/api/exports").json()["exports"] == []


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", "'=1", "''-", "'plain", "plain", "\uff1d1+1", '="00123"', "\u00e4\u00df\u732b"]
)
def test_formulas_are_made_harmless_and_come_back_as_they_were(stack: Stack, name: str) -> None:
    sku = f"F-{uuid4().hex}"
    product = {"sku": sku, "name": name, "description": f"{name}\nand\r\nmore", "price": 5, "currency": "JPY"}
    added = stack.http.post("/api/products", json=product).json()

    content = fetched(stack, exported(stack)).content
    table = io.StringIO(content.decode("utf-8-sig"), newline="")
    [row] = [row for row in csv.DictReader(table) if row["sku"] == sku]
    stack.http.delete(f"/api/products/{added['id']}")
    report = imported(stack, content)["report"]

    assert row["name"][0] not in "=+-@\uff1d"
    assert report["created"] == 1, report
    [back] = stack.http.get("/api/products", params={"sku": sku}).json()["products"]
    assert {field: back[field] for field in product} == product


def test_a_file_past_its_time_is_deleted(stack: Stack) -> None:
    made = exported(stack)
    stack.sql("UPDATE files SET expires_at = now() - interval '1 second' WHERE sha256 = %s", made["file"]["sha256"])

    assert fetched(stack, made).status_code == 404
    stack.ended(stack.submit("files.prune")["id"])
    wait_until(lambda: stack.http.get(f"/api/exports/{made['id']}").json()["file"] is None)
